/* SPDX-License-Identifier: Apache-2.0
 *
 * The protocol of one job as a model for spin: a cloud that leases it to one of two floors, the
 * floors that walk it along the path, their printers, and people. Trouble comes at any place as long
 * as there is some left: a crash (the row survives, memory does not), a work that fails, an answer
 * that is lost after its effect, a printer that jams, forgets, or says nothing.
 *
 * The moves of the path stand in moves.def and nowhere else; tests/model/table.c holds the same
 * file against the code. What must be true:
 *
 *   - no more whole sheets than were ordered, but for those that a person (or the product's policy)
 *     risked by a word: `sheets <= PRINTS + risked`, at each sheet;
 *   - "printed" is told only of what came out, or of what a person says came out;
 *   - a job is reported only when the cloud has heard of it;
 *   - when nothing more can happen, every job is at an end or waits for a person; and every fair run
 *     comes to that.
 *
 * run.sh lists the variants: what may be different (NO_WITNESS, DUPLICATES, PRINTS), and each rule
 * of the protocol broken, which must be caught.
 */
#ifndef FLOORS
#define FLOORS 2
#endif
#ifndef PRINTS
#define PRINTS 1
#endif
#ifndef EPOCHS
#define EPOCHS 2 /* grants of the job */
#endif
#ifndef TROUBLES
#define TROUBLES 2
#endif
#ifndef PEOPLE
#define PEOPLE 1 /* things that people do, without being asked or when asked */
#endif
#ifndef DUPLICATES
#define DUPLICATES DUPLICATES_HOLD
#endif
#define DUPLICATES_HOLD 0
#define DUPLICATES_RELEASE 1
#define DUPLICATES_REPRINT 2

/* ---- the words of the code: rules/job.h, rules/path.h; the order of the stages matters ---- */

#define AT_LEASED 0
#define AT_FETCHED 1
#define AT_INSPECTED 2
#define AT_RENDERED 3
#define AT_QUEUED 4
#define AT_PERMITTED 5
#define AT_PREPARED 6
#define AT_OPENED 7
#define AT_SENDING 8
#define AT_COMMITTED 9
#define AT_ACCEPTED 10
#define AT_PRINTED 11
#define AT_REPORTED 12
#define AT_HELD_UNKNOWN 13
#define AT_HELD_OPERATOR 14
#define AT_QUARANTINED 15
#define AT_RELEASED 16
#define AT_CANCELLED 17
#define AT_LOST 18

mtype = { none, leased, asset_ready, rendered, queued, started, accepted, printed, retry,
	interrupted, may_have_printed, resolved, cancel_too_late, cancelled, released, quarantined }
mtype = { DO_NOTHING, DO_FETCH, DO_INSPECT, DO_RENDER, DO_PLACE, DO_PERMIT, DO_PREPARE, DO_SEND,
	DO_GO, DO_CONFIRM, DO_CANCEL, DO_REPORT, WAIT, STOP, OWN }
mtype = { EV_BEGIN, EV_RESTART, EV_DONE, EV_MORE, EV_FAILED, EV_WAKE, EV_LOST, EV_CANCEL, EV_REVOKE,
	EV_HOLD, EV_RELEASE, EV_GIVE_BACK, EV_RESOLVE, FAILS_DROPPED, SAYS_PENDING, SAYS_DONE,
	SAYS_NOT_TAKEN, SAYS_PARTIAL, SAYS_SPOILED, SAYS_UNKNOWN }

#define is_at_device(stage) (stage >= AT_PREPARED && stage <= AT_ACCEPTED)
#define is_open(stage) (is_at_device(stage) || stage == AT_HELD_UNKNOWN)
#define is_held(stage) (stage == AT_HELD_UNKNOWN || stage == AT_HELD_OPERATOR)
#define is_final(stage) (stage == AT_REPORTED || stage >= AT_QUARANTINED)

/* ---- the world ---- */

mtype = { FREE, LEASED, DECIDING, DONE, GIVEN_UP } /* DECIDING: a person at the service */
mtype cloud = FREE;
mtype wish = none; /* cancelled, or released: asked back */
byte owner, epoch;
bool granted; /* the permit was given */

typedef row_t { /* a floor's row of the job: survives a crash */
	byte stage = AT_LOST;
	byte epoch;
	byte held_at; /* the guards' held_from */
	byte delivered, copies; /* copies: of the attempt */
	bool permit, cancel, question; /* permitted, cancel_asked, asking */
	bool unknown, doubled; /* prints are in doubt; were, and are made again by policy */
	bool before; /* something came out here under an older epoch, or may have */
	byte partial; /* so many of `copies` came out when it stopped part-way; held for a look */
}
row_t row[2];
mtype memory[2] = DO_NOTHING; /* what is under way: a work asked, or its answer coming in */
chan outbox[2] = [EPOCHS] of { mtype, byte, bool }; /* what ends a job, epoch, "it came out" */

mtype = { NOTHING, EMPTY, PART, WHOLE, OUT, GONE }
typedef device_t {
	mtype at = NOTHING; /* the attempt's job: made, has bytes, has all, came out, ended early */
	byte out; /* whole sheets of it so far */
	byte loose; /* sheets still to come from jobs that nobody asks about any more */
}
device_t device[2];

byte sheets;  /* whole sheets in the trays */
byte risked;  /* of which so many may be too many: somebody said so */
byte claimed; /* prints that only a person has seen */
byte troubles = TROUBLES, people = PEOPLE;

#ifdef STORE_AFTER
byte stored[2] = AT_LOST; /* the stage on the disk */
#endif
#ifdef EVENT_OUTSIDE
mtype telling[2] = none; /* in memory only */
bool telling_out[2];
#endif

#define coming(i) (device[i].loose + (device[i].at == WHOLE -> row[i].copies - device[i].out : 0))
#define all_coming (coming(0) + coming(1))
#define rests(i) (is_final(row[i].stage) || is_held(row[i].stage))
#define is_mine(i) (cloud == LEASED && owner == i && epoch == row[i].epoch)
#define over ((cloud == DONE || cloud == GIVEN_UP || (cloud == LEASED && is_held(row[owner].stage))) \
	      && rests(0) && rests(1))

hidden byte exist;

/* Somebody says that `counted` of all that is or will be in the trays count; more may be printed. */
inline risk(counted)
{
	exist = sheets + all_coming;
	if
	:: exist > counted + risked -> risked = exist - (counted)
	:: else
	fi
}

/* ---- the cloud ---- */

hidden mtype heard;
hidden byte heard_epoch;
hidden byte heard_out;

inline free_it()
{
	cloud = (wish == cancelled -> DONE : FREE);
	wish = none; granted = false
}

inline hear(f)
{
	outbox[f] ? heard, heard_epoch, heard_out;
	if
	:: cloud == LEASED && owner == f && epoch == heard_epoch ->
		if
		:: heard == printed || heard == cancelled -> cloud = DONE
		:: heard == quarantined -> cloud = GIVEN_UP
		:: heard == released && !heard_out -> free_it()
		:: heard == released && heard_out -> cloud = DECIDING
		fi
	:: else /* an older epoch: late evidence, changes nothing */
	fi;
	heard = none; heard_epoch = 0; heard_out = false
}

inline grant(f)
{
	epoch++;
	owner = f; cloud = LEASED; granted = false;
	if
	:: row[f].epoch = epoch;
	   row[f].stage = AT_LEASED;
#ifdef STORE_AFTER
	   stored[f] = AT_LEASED;
#endif
	   memory[f] = (row[f].before -> EV_HOLD : EV_BEGIN)
	:: troubles > 0 -> troubles-- /* the answer is lost; the lease will lapse */
	fi
}

active proctype Cloud()
{
end:
	do
	:: atomic { cloud == FREE && epoch < EPOCHS && is_final(row[0].stage) -> grant(0) }
	:: atomic { cloud == FREE && epoch < EPOCHS && is_final(row[1].stage) && FLOORS == 2 ->
		grant(1) }
	:: atomic { cloud == FREE && epoch == EPOCHS -> cloud = GIVEN_UP }
#ifdef EXPIRY_FREES
	:: atomic { cloud == LEASED && epoch < EPOCHS -> free_it() }
#else
	:: atomic { cloud == LEASED && !granted -> free_it() }
#endif
	:: atomic { cloud == DECIDING -> cloud = GIVEN_UP }
	:: atomic { cloud == DECIDING && people > 0 && epoch < EPOCHS ->
		people--; risk(0); free_it() }
	:: atomic { cloud == LEASED && people > 0 && wish == none -> people--;
		if :: wish = cancelled :: wish = released fi }
	:: atomic { nempty(outbox[0]) -> hear(0) }
	:: atomic { nempty(outbox[1]) -> hear(1) }
	:: atomic { timeout -> assert(over) } /* nothing is stuck */
	od
}

/* ---- a printer ---- */

inline count_sheet()
{
	sheets++;
	assert(sheets <= PRINTS + risked)
}

active [FLOORS] proctype Printer()
{
	byte i = _pid - 1;
end:
	do
	:: atomic { device[i].at == WHOLE -> device[i].out++;
		if
		:: device[i].out == row[i].copies -> device[i].at = OUT
		:: else
		fi;
		count_sheet() }
	:: atomic { device[i].at == WHOLE && troubles > 0 -> troubles--; device[i].at = GONE }
	:: atomic { device[i].loose > 0 -> device[i].loose--; count_sheet() }
	od
}

/* ---- a floor ---- */

/* what the rows of moves.def may ask of a job */
#define permitted row[i].permit
#define cancel_asked row[i].cancel
#define asking row[i].question
#define held_from row[i].held_at
#define nothing_out (row[i].delivered == 0 && !row[i].unknown && !row[i].doubled)
#define more (row[i].delivered + spoken_of < PRINTS)
#define duplicates DUPLICATES

hidden mtype event, asks, told, told_then;
hidden short line; /* of moves.def: says in a trail, and in run.sh, which move was made */
hidden byte was, to, spoken_of; /* spoken_of: prints that the event says came out */

/* The answer of a work whose effect has happened. */
inline answer(it)
{
	if
	:: memory[i] = it
	:: troubles > 0 -> troubles--; memory[i] = EV_FAILED
	:: row[i].stage <= AT_PERMITTED && !is_mine(i) -> memory[i] = FAILS_DROPPED
	fi
}

inline say(type)
{
	if
	:: type == printed || type == cancelled || type == released || type == quarantined ->
#ifdef EVENT_OUTSIDE
		telling[i] = type; telling_out[i] = !nothing_out
#else
		outbox[i] ! type, row[i].epoch, !nothing_out
#endif
	:: else
	fi;
	if
	:: type == printed -> assert(sheets + all_coming + claimed >= PRINTS)
	:: else
	fi
}

/* What the device says of the attempt, or what is true without it. */
inline confirm()
{
	if
	:: row[i].stage >= AT_COMMITTED ->
		if
		:: device[i].at == WHOLE -> memory[i] = SAYS_PENDING
#ifdef ASKS_FOR_EVER
		:: device[i].at != WHOLE -> memory[i] = SAYS_PENDING
#elif defined(NO_WITNESS)
		:: device[i].at != WHOLE -> memory[i] = SAYS_UNKNOWN
#else
		:: device[i].at == OUT -> memory[i] = SAYS_DONE
		:: device[i].at != OUT && device[i].at != WHOLE ->
			device[i].at = GONE; /* a torn upload is seen as such */
			memory[i] = (device[i].out > 0 -> SAYS_PARTIAL : SAYS_NOT_TAKEN)
		:: troubles > 0 -> troubles--; memory[i] = SAYS_UNKNOWN /* forgotten */
#endif
		:: troubles > 0 -> troubles--; memory[i] = SAYS_SPOILED
		:: troubles > 0 -> troubles--; memory[i] = EV_FAILED
		fi
	:: row[i].stage < AT_COMMITTED -> /* cancelled; whatever came out is not whole */
		if
		:: memory[i] = (device[i].at == NOTHING || device[i].at == EMPTY ->
			SAYS_NOT_TAKEN : SAYS_SPOILED);
		   device[i].at = (device[i].at == OUT -> OUT : GONE)
		:: troubles > 0 -> troubles--; memory[i] = SAYS_PENDING /* not gone yet */
		:: troubles > 0 -> troubles--; memory[i] = SAYS_UNKNOWN
		:: troubles > 0 -> troubles--; memory[i] = EV_FAILED
		fi
	fi
}

/* The worker goes on from where the stage is stored. */
inline go_on()
{
	if
	:: row[i].stage == AT_OPENED && device[i].at == EMPTY -> answer(EV_DONE)
	:: row[i].stage == AT_SENDING && device[i].at == EMPTY ->
#ifdef TAIL_EARLY
		device[i].at = WHOLE;
#else
		device[i].at = PART;
#endif
		answer(EV_DONE)
	:: row[i].stage == AT_COMMITTED && device[i].at == PART ->
		if
		:: device[i].at = WHOLE; answer(EV_DONE)
		:: troubles > 0 -> troubles--; memory[i] = EV_FAILED
		fi
#ifdef TAIL_EARLY
	:: row[i].stage == AT_COMMITTED && device[i].at != PART -> answer(EV_DONE)
#endif
	fi
}

/* The work that was asked for is done; that it was is not told yet. */
inline do_work()
{
	if
	:: memory[i] == DO_FETCH || memory[i] == DO_INSPECT || memory[i] == DO_RENDER ||
	   memory[i] == DO_PLACE || memory[i] == DO_PREPARE -> answer(EV_DONE)
#ifdef NO_PERMIT
	:: memory[i] == DO_PERMIT -> answer(EV_DONE)
#else
	:: memory[i] == DO_PERMIT && permitted -> answer(EV_DONE)
	:: memory[i] == DO_PERMIT && !permitted && is_mine(i) -> granted = true;
		if
		:: answer(EV_DONE)
		:: troubles > 0 -> troubles-- /* lost: asked again */
		fi
#endif
	:: memory[i] == DO_SEND -> device[i].at = EMPTY; answer(EV_DONE)
	:: memory[i] == DO_GO -> go_on()
	:: memory[i] == DO_CANCEL -> memory[i] = EV_FAILED;
		device[i].at = (device[i].at == EMPTY || device[i].at == PART -> GONE : device[i].at)
	:: memory[i] == DO_CONFIRM -> confirm()
	:: memory[i] == DO_REPORT && empty(outbox[i]) -> memory[i] = EV_DONE;
		assert(!is_mine(i)) /* it has been heard */
	:: memory[i] == STOP -> memory[i] = EV_RESTART
	fi
}

#define is_event(it) (it == EV_BEGIN || it == EV_RESTART || it == EV_DONE || it == EV_FAILED || \
	it == EV_HOLD || it == FAILS_DROPPED || it == SAYS_PENDING || it == SAYS_DONE || \
	it == SAYS_NOT_TAKEN || it == SAYS_PARTIAL || it == SAYS_SPOILED || it == SAYS_UNKNOWN)

/* A person has counted the good ones of an attempt that stopped part-way. */
inline recount(good)
{
	claimed = claimed + (good > row[i].partial -> good - row[i].partial : 0);
	row[i].delivered = row[i].delivered - row[i].partial + good;
	risk(row[i].delivered)
}

/* What happens next: an answer, a wake-up, a heartbeat, a person, the end of the process. */
inline happen()
{
	if
	:: is_event(memory[i]) -> event = memory[i]; memory[i] = DO_NOTHING;
		spoken_of = (event == SAYS_DONE -> row[i].copies : 0)
	:: memory[i] == WAIT -> event = EV_WAKE; memory[i] = DO_NOTHING
	:: !is_final(row[i].stage) && troubles > 0 -> troubles--; event = EV_RESTART;
		memory[i] = DO_NOTHING;
#ifdef STORE_AFTER
		row[i].stage = stored[i]
#endif
#ifdef EVENT_OUTSIDE
		telling[i] = none
#endif
	:: !is_final(row[i].stage) && !permitted && !is_mine(i) -> event = EV_LOST
	:: !is_final(row[i].stage) && row[i].stage != AT_PRINTED && is_mine(i) && !cancel_asked &&
	   wish == cancelled -> event = EV_CANCEL
	:: !is_final(row[i].stage) && is_mine(i) && wish == released -> wish = none;
		event = EV_REVOKE
	:: row[i].stage <= AT_PERMITTED && people > 0 -> people--;
		if :: event = EV_HOLD :: event = EV_GIVE_BACK fi
	:: row[i].stage == AT_HELD_OPERATOR && people > 0 -> people--;
		if
		:: event = EV_RELEASE
		:: event = EV_GIVE_BACK
		:: row[i].partial > 0 -> event = EV_RELEASE; recount(0)
		:: row[i].partial > 0 -> event = EV_RELEASE; recount(row[i].copies)
		fi
	:: row[i].stage == AT_HELD_UNKNOWN && people > 0 -> people--;
		if
		:: event = EV_GIVE_BACK
		:: event = EV_RESOLVE; spoken_of = 0
		:: event = EV_RESOLVE; spoken_of = row[i].copies
		fi
	fi
}

/* The one transaction of an event: by moves.def to another stage, with all that follows. */
inline step()
{
	was = row[i].stage;
	to = was; line = 0; asks = DO_NOTHING; told = none; told_then = none;
#define SELF was
#define MOVE(first, last, kind, when, then, work, tell, tell_then) \
	:: was >= first && was <= last && event == kind && (when) -> \
		to = then; line = __LINE__; asks = work; told = tell; told_then = tell_then
#ifdef BROKEN /* with a rule of the protocol broken, the world may cause anything */
#define NEVER MOVE
#else
#define NEVER(first, last, kind, when, then, work, tell, tell_then) \
	:: was >= first && was <= last && event == kind && (when) -> assert(false)
#endif
	if
#ifdef BLIND_RESEND
	MOVE(AT_PREPARED, AT_ACCEPTED, EV_RESTART, true, AT_PERMITTED, OWN, none, none)
#endif
#ifdef UNKNOWN_COUNTS
	MOVE(AT_ACCEPTED, AT_ACCEPTED, SAYS_UNKNOWN, true, AT_PRINTED, OWN, printed, none)
#endif
#include "moves.def"
	:: else
	fi;
#define STAGE(stage, work) :: to == stage -> asks = work
	if
	:: asks == OWN ->
		if
#include "moves.def"
		fi
	:: else
	fi;
#define FACT(fact, formula) fact = formula;
#include "moves.def"
	assert(to == was || line > 0); /* no move but those of the list */
	settle();
	say(told);
	say(told_then);
	row[i].stage = to;
	if
	:: to != was || asks != DO_NOTHING -> memory[i] = asks
	:: else
	fi;
	tidy()
}

/* The attempt and the ledger. */
inline settle()
{
	if
	:: to == AT_PREPARED && was == AT_PERMITTED ->
		device[i].loose = coming(i);
		device[i].at = NOTHING; device[i].out = 0;
		if
		:: row[i].copies = 1
		:: PRINTS > 1 -> row[i].copies = PRINTS - row[i].delivered
		fi
	:: told == may_have_printed && to != AT_PERMITTED -> row[i].unknown = true
	:: told == may_have_printed && to == AT_PERMITTED -> row[i].doubled = true;
		risk(row[i].delivered)
	:: event == SAYS_DONE || event == SAYS_PARTIAL || event == SAYS_NOT_TAKEN ->
		row[i].delivered = row[i].delivered +
			(event == SAYS_DONE -> row[i].copies : device[i].out);
		row[i].partial = (told == interrupted || told_then == interrupted -> device[i].out : 0);
		row[i].unknown = false
	:: event == EV_RESOLVE && to != was ->
		claimed = claimed + (spoken_of > device[i].out -> spoken_of - device[i].out : 0);
		row[i].delivered = row[i].delivered + spoken_of;
		row[i].unknown = false;
		risk(row[i].delivered)
	:: else
	fi
}

/* What no longer matters is forgotten, so that states are found to be the same. */
inline tidy()
{
	if
	:: !is_open(to) && device[i].at != WHOLE -> device[i].at = NOTHING; device[i].out = 0
	:: else
	fi;
	row[i].partial = (to == AT_HELD_OPERATOR -> row[i].partial : 0);
	if
	:: is_final(to) -> row[i].before = (row[i].before || !nothing_out);
		device[i].loose = coming(i);
		device[i].at = NOTHING; device[i].out = 0;
		row[i].permit = false; row[i].cancel = false;
		row[i].unknown = false; row[i].doubled = false;
		row[i].delivered = 0; row[i].copies = 0
	:: else
	fi;
	event = none; asks = none; told = none; told_then = none;
	was = 0; to = 0; spoken_of = 0; exist = 0
}

active [FLOORS] proctype Floor()
{
	byte i = _pid - 1 - FLOORS;
end:
	do
	:: atomic { happen(); step() }
	:: atomic { do_work() }
#ifdef STORE_AFTER
	:: atomic { stored[i] != row[i].stage -> stored[i] = row[i].stage }
#endif
#ifdef EVENT_OUTSIDE
	:: atomic { telling[i] != none -> outbox[i] ! telling[i], row[i].epoch, telling_out[i];
		telling[i] = none; telling_out[i] = false }
#endif
	od
}

ltl ends { <>[] over }
