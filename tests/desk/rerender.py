#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Rendered pages on a real floor: shared, never printed when the disk has changed them, and made once more to
see whether they come out the same: the same bytes, or each kind of difference by its name."""
import glob, hashlib, json, os, shutil, sqlite3, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from desk_tools import change, job, order, token, until_kind
from realfloor import RealFloor, UnixLine, png

PHOTO = png(1300, 1900, 7)
ICC = "/profiles/icc/synthetic-dyesub-gloss.icc"
facts = []


def fact(function):
    facts.append(function)
    return function


def page_of(floor, id):
    return job(floor, id)["page_list"][0]


def raster_path(floor, id):
    return floor.folder + "/spool/rasters/" + page_of(floor, id)["manifest"]["recipe_name"]


def printed(floor):
    """The hashes of all that came out of the printer."""
    return [hashlib.sha256(open(path, "rb").read()).hexdigest() for path in glob.glob(floor.printer + "/out/*.pwg")]


def rerender(floor, *words):
    done = floor.ctl("--json", "rerender", floor.id, *words)
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def what(answer):
    return [one["what"] for one in answer["differs"]]


def in_store(floor, *statement):
    """Time passes, or so the store believes."""
    floor.stop()
    store = sqlite3.connect(floor.folder + "/state/platen.db")
    store.execute(*statement)
    store.commit()
    store.close()
    floor.start()


@fact
def a_photo_that_is_ordered_again_is_not_rendered_again(floor):
    floor.id = order(floor, picture=PHOTO)
    until_kind(floor, floor.id, "done")
    again = order(floor, picture=PHOTO)
    until_kind(floor, again, "done")
    cache = floor.get("/v1/status")["cache"]
    assert (cache["all"]["hits"], cache["all"]["misses"], cache["all"]["ratio"]) == (1, 1, 0.5), cache
    assert cache["bytes"] == cache["last_24h"]["saved_bytes"] == os.path.getsize(raster_path(floor, again)), cache
    assert "1 of 2 pages needed no rendering (50 %)" in floor.ctl("status").stdout, floor.ctl("status").stdout
    assert len(printed(floor)) == 2 and len(set(printed(floor))) == 1
    engine = page_of(floor, again)["manifest"]["recipe"]["engine"]
    for library in ("vips:", "lcms2:", "jpeg:", "tiff:", "webp:", "m:"):
        assert " " + library in engine, engine


@fact
def what_the_disk_changed_is_made_anew_and_never_printed(floor):
    path = raster_path(floor, floor.id)
    fine = page_of(floor, floor.id)["raster"]["sha256"]
    with open(path, "r+b") as file:
        file.seek(5000)
        byte = file.read(1)[0]
        file.seek(5000)
        file.write(bytes([byte ^ 16]))
    again = order(floor, picture=PHOTO)
    until_kind(floor, again, "done")
    assert set(printed(floor)) == {fine}
    assert hashlib.sha256(open(path, "rb").read()).hexdigest() == fine
    assert job(floor, again)["spoiled"] == 0
    assert "not the one that was made" in floor.ctl("audit", "--job", again).stdout
    why = floor.ctl("why", again).stdout
    assert "gave its page back changed" in why and "platenctl rerender " + again in why, why


@fact
def the_same_recipe_gives_the_same_bytes(floor):
    code, answer = rerender(floor)
    assert code == 0 and answer["same"] and answer["same_pixels"] and answer["differs"] == [], answer
    assert answer["then"] == answer["now"]
    assert "the same bytes as then" in floor.ctl("rerender", floor.id).stdout
    assert len(os.listdir(floor.folder + "/spool/rasters")) == 1
    assert floor.get("/v1/status")["cache"]["all"]["misses"] == 2, "it is none of the cache's"


@fact
def another_profile_is_named_and_its_pixels_are_counted(floor):
    shutil.copyfile(floor.folder + ICC, floor.folder + "/kept.icc")
    shutil.copyfile(floor.folder + "/profiles/icc/synthetic-inkjet-matte.icc", floor.folder + ICC)
    code, answer = rerender(floor)
    assert code == 65 and what(answer) == ["profile", "pixels"], answer
    pixels = answer["differs"][1]
    assert pixels["pixels"] == answer["now"]["width_px"] * answer["now"]["height_px"], pixels
    assert 0 < pixels["differing"] <= pixels["pixels"] and 0 < pixels["most"] <= 255, pixels
    said = floor.ctl("rerender", floor.id)
    assert said.returncode == 65 and "was replaced" in said.stdout and "pixels differ, by" in said.stdout, said.stdout
    os.rename(raster_path(floor, floor.id), floor.folder + "/kept.raster")
    code, answer = rerender(floor)
    assert code == 65 and what(answer) == ["profile", "pixels"] and "not kept any more" in answer["differs"][1]["say"]
    os.rename(floor.folder + "/kept.raster", raster_path(floor, floor.id))
    os.unlink(floor.folder + ICC)
    code, answer = rerender(floor)
    assert code == 65 and "put it back into profiles/icc" in answer["detail"], answer
    shutil.copyfile(floor.folder + "/kept.icc", floor.folder + ICC)


@fact
def another_engine_and_product_are_named_where_the_bytes_are_the_same(floor):
    in_store(floor, "UPDATE page SET manifest=json_set(manifest, '$.recipe.engine', 'platen-render/0',"
             " '$.recipe.product_version', 0)")
    code, answer = rerender(floor)
    assert code == 0 and answer["same"] and what(answer) == ["engine", "product"], answer
    assert answer["differs"][0]["then"] == "platen-render/0" and "platen-render/1 " in answer["differs"][0]["now"]


@fact
def another_encoding_of_the_same_pixels_is_named(floor):
    in_store(floor, "UPDATE page SET raster_facts=json_set(raster_facts, '$.sha256', ?)", ["0" * 64])
    code, answer = rerender(floor)
    assert code == 65 and not answer["same"] and answer["same_pixels"], answer
    assert what(answer) == ["engine", "product", "encoding"], answer


@fact
def a_photo_that_is_gone_is_asked_for(floor):
    name = hashlib.sha256(PHOTO).hexdigest()
    os.rename(floor.folder + "/spool/assets/" + name, floor.folder + "/photo.png")
    code, answer = rerender(floor)
    assert code == 65 and "bring the file" in answer["detail"] and name in answer["detail"], answer
    code, answer = rerender(floor, floor.folder + "/photo.png")
    assert code == 65 and answer["same_pixels"], answer


@fact
def who_leaves_meanwhile_holds_nobody_up(floor):
    for patience in (0, 0.3):
        body = json.dumps({"token": token(), "page": 1})
        line = UnixLine(floor.socket)
        line.request("POST", "/v1/jobs/" + floor.id + ":rerender", body)
        time.sleep(patience)
        line.close()
    assert rerender(floor)[1]["same_pixels"]


@fact
def what_was_never_rendered_can_not_be(floor):
    assert floor.ctl("rerender", "J-nowhere").returncode == 66
    assert floor.ctl("rerender", floor.id, "--page", "2").returncode == 66
    assert change(floor, "/v1/jobs/" + floor.id + ":rerender", page="one")[0] == 400


def main():
    floor = RealFloor(own_profiles=True)
    failed = 0
    print("1..%d" % len(facts))
    for at, function in enumerate(facts):
        try:
            function(floor)
            print("ok %d - %s" % (at + 1, function.__name__))
        except Exception as error:
            failed += 1
            print("not ok %d - %s\n# %s: %s" % (at + 1, function.__name__, type(error).__name__,
                                               str(error).replace("\n", "\n# ")))
    status = floor.close()
    return failed > 0 or status != 0


sys.exit(main())
