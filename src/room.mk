# platend
