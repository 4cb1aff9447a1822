package dev.workerfarm.it;

import static dev.workerfarm.it.HostileBytes.FULL;
import static dev.workerfarm.it.HostileBytes.NO_UTF_8;
import static dev.workerfarm.it.HostileBytes.bomb;
import static dev.workerfarm.it.HostileBytes.celery;
import static dev.workerfarm.it.HostileBytes.chunk;
import static dev.workerfarm.it.HostileBytes.chunkOf;
import static dev.workerfarm.it.HostileBytes.deepList;
import static dev.workerfarm.it.HostileBytes.deepTable;
import static dev.workerfarm.it.HostileBytes.empty;
import static dev.workerfarm.it.HostileBytes.everyType;
import static dev.workerfarm.it.HostileBytes.gzip;
import static dev.workerfarm.it.HostileBytes.many;
import static dev.workerfarm.it.HostileBytes.names;
import static dev.workerfarm.it.HostileBytes.numbers;
import static dev.workerfarm.it.HostileBytes.oneHash;
import static dev.workerfarm.it.HostileBytes.text;
import static dev.workerfarm.it.HostileBytes.zlib;

import dev.workerfarm.testkit.TestFarm;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A message that a stranger may send to the task queue, and what is to become of it.
 *
 * @param change makes the message of a good one
 * @param word the reason for which it is in the dead letters, or the type of the failure; else empty
 */
record HostileTask(String name, Consumer<HostileMessage> change, Fate fate, String word) {
    /** What becomes of a message. */
    enum Fate {
        /** In the dead letters for this reason, and answered with a failure where it says to whom. */
        DEAD,
        /** Answered with a failure of this type. */
        FAILED,
        /** Answered, as nothing is wrong with it that concerns us. */
        ANSWERED,
        /** Settled in silence: it was right as it was, but there is nobody to answer. */
        UNHEARD
    }

    @Override
    public String toString() {
        return name + " - " + fate + (word.isEmpty() ? "" : " (" + word + ")");
    }

    /** All of them. */
    static List<HostileTask> all(TestFarm farm) {
        List<HostileTask> rows = new ArrayList<>();
        rows.addAll(headers(farm));
        rows.addAll(properties(farm));
        rows.addAll(bodies());
        rows.addAll(arguments());
        rows.addAll(maps());
        return rows;
    }

    private static List<HostileTask> headers(TestFarm farm) {
        return List.of(
                dead("no headers", "undecodable", HostileMessage::bare),
                dead("no task", "undecodable", sent -> sent.without("task")),
                dead("a task that is null", "undecodable", sent -> sent.header("task", null)),
                dead("a task that is a list", "undecodable", sent -> sent.header("task", List.of("square"))),
                dead("a task's name of 300 bytes", "undecodable", sent -> sent.task("t".repeat(300))),
                dead("no id", "undecodable", sent -> sent.without("id")),
                dead("an id that is a number", "undecodable", sent -> sent.header("id", 7)),
                dead("an empty id", "undecodable", sent -> sent.header("id", "")),
                dead("an id of 256 bytes", "undecodable", sent -> sent.header("id", "é".repeat(128))),
                dead(
                        "an id that is no UTF-8",
                        "undecodable",
                        sent -> sent.header("id", NO_UTF_8).inBrokenText()),
                answered("an id with line ends and a NUL", sent -> sent.header("id", "a\nERROR b\r\0\u001b[2J")),
                dead("negative retries", "undecodable", sent -> sent.header("retries", -1)),
                dead("retries beyond an int", "undecodable", sent -> sent.header("retries", 1L << 31)),
                dead("retries as text", "undecodable", sent -> sent.header("retries", "1")),
                dead("retries as a fraction", "undecodable", sent -> sent.header("retries", 0.5)),
                dead("a negative generation", "undecodable", sent -> sent.header("farm-generation", -1L)),
                answered("ignore_result as text", sent -> sent.header("ignore_result", "yes")),
                answered("a traceparent that is none", sent -> sent.header("traceparent", "00-\0")),
                answered("published before the world", sent -> sent.header("farm-published", Long.MIN_VALUE)),
                answered("published at a text", sent -> sent.header("farm-published", "now")),
                dead("a time limit of one element", "undecodable", sent -> sent.header("timelimit", List.of(1))),
                dead(
                        "a time limit of three elements",
                        "undecodable",
                        sent -> sent.header("timelimit", List.of(1, 2, 3))),
                dead(
                        "a time limit that is text",
                        "undecodable",
                        sent -> sent.header("timelimit", Arrays.asList("1", null))),
                dead("a time limit below zero", "undecodable", sent -> sent.header("timelimit", List.of(-1, -1.5))),
                dead(
                        "a time limit that is no number",
                        "undecodable",
                        sent -> sent.header("timelimit", Arrays.asList(true, null))),
                answered("time limits of all time", sent -> sent.header("timelimit", List.of(1e308, Long.MAX_VALUE))),
                dead("timed-out items as text", "undecodable", sent -> sent.header("farm-timed-out", "0")),
                dead("timed-out items below zero", "undecodable", sent -> sent.header("farm-timed-out", List.of(-1))),
                answered("a timed-out item of no map", sent -> sent.header("farm-timed-out", List.of(0))),
                dead("an eta that is a number", "undecodable", sent -> sent.header("eta", 1_700_000_000L)),
                dead("an eta of no month", "undecodable", sent -> sent.header("eta", "2026-13-01T00:00:00")),
                dead("an eta in words", "undecodable", sent -> sent.header("eta", "tomorrow")),
                dead("an expiry that is a list", "undecodable", sent -> sent.header("expires", List.of())),
                dead("an expiry in words", "undecodable", sent -> sent.header("expires", "never")),
                answered("a header of 120 kB", sent -> sent.header("x", "x".repeat(120_000))),
                dead(
                        "a header of 120 kB and no id",
                        "undecodable",
                        sent -> sent.header("x", "\0".repeat(120_000)).without("id")),
                dead(
                        "a header of 100 kB that is no UTF-8",
                        "undecodable",
                        sent -> sent.header("x", NO_UTF_8.repeat(400))
                                .without("id")
                                .inBrokenText()),
                dead(
                        "headers of every type and no id",
                        "undecodable",
                        sent -> everyType(sent).without("id")),
                dead("a header's lists 33 deep", "undecodable", sent -> sent.header("x", deepList(33))),
                dead("a header's lists 500 deep", "undecodable", sent -> sent.header("x", deepList(500))),
                dead("a header's tables 500 deep", "undecodable", sent -> sent.header("x", deepTable(500))),
                dead(
                        "a header's name that is no UTF-8",
                        "undecodable",
                        sent -> sent.header(NO_UTF_8, 1).without("id").inBrokenText()),
                dead(
                        "a name within a header that is no UTF-8",
                        "undecodable",
                        sent -> sent.header("x", Map.of("y", List.of(Map.of(NO_UTF_8, 1))))
                                .without("id")
                                .inBrokenText()),
                dead(
                        "CC to the task queue and no id",
                        "undecodable",
                        sent -> sent.header("CC", List.of(farm.tasks())).without("id")),
                dead(
                        "BCC to the task queue and no id",
                        "undecodable",
                        sent -> sent.header("BCC", List.of(farm.tasks())).without("id")),
                dead(
                        "an unknown task that died before",
                        "unknown-task",
                        sent -> sent.task("nix")
                                .header("farm-dead-reason", "another")
                                .header("farm-dead-envelope", true)
                                .header("x-death", List.of(Map.of("count", -1L)))));
    }

    private static List<HostileTask> properties(TestFarm farm) {
        return List.of(
                unheard("a reply queue that is not there", sent -> sent.properties(p -> p.replyTo("nix"))),
                unheard("a reply queue named with a NUL", sent -> sent.properties(p -> p.replyTo("a\0b"))),
                unheard("a reply queue of 255 bytes", sent -> sent.properties(p -> p.replyTo("r".repeat(255)))),
                unheard("an empty reply queue", sent -> sent.properties(p -> p.replyTo(""))),
                dead(
                        "a direct reply-to",
                        "undecodable",
                        sent -> sent.properties(p -> p.replyTo("amq.rabbitmq.reply-to.AAAA.x"))
                                .mute()),
                unheard(
                        "a reply queue that is no UTF-8",
                        sent -> sent.properties(p -> p.replyTo(NO_UTF_8)).inBrokenText()),
                dead(
                        "the task queue for its reply",
                        "undecodable",
                        sent -> sent.properties(p -> p.replyTo(farm.tasks())).mute()),
                answered(
                        "a correlation id of 255 bytes",
                        sent -> sent.properties(p -> p.correlationId("c".repeat(255)))),
                answered("no correlation id", sent -> sent.properties(p -> p.correlationId(null))),
                answered(
                        "a correlation id that is no UTF-8",
                        sent -> sent.properties(p -> p.correlationId(NO_UTF_8)).inBrokenText()),
                dead("no content type", "undecodable", sent -> sent.properties(p -> p.contentType(null))),
                dead(
                        "a pickle",
                        "undecodable",
                        sent -> sent.properties(p -> p.contentType("application/x-python-serialize"))
                                .body(new byte[] {(byte) 0x80, 4, 'c', 'o', 's', '\n', 's', 'y', 's', '.'})),
                dead(
                        "a charset in the content type",
                        "undecodable",
                        sent -> sent.properties(p -> p.contentType("application/json; charset=utf-8"))),
                dead(
                        "a content type that is no UTF-8",
                        "undecodable",
                        sent -> sent.properties(p -> p.contentType(NO_UTF_8)).inBrokenText()),
                dead(
                        "an application id that is no UTF-8 and no id",
                        "undecodable",
                        sent -> sent.properties(
                                        p -> p.appId(NO_UTF_8).type(NO_UTF_8).clusterId(NO_UTF_8))
                                .without("id")
                                .inBrokenText()),
                answered(
                        "a message id that is no UTF-8",
                        sent -> sent.properties(p -> p.messageId(NO_UTF_8)).inBrokenText()),
                answered(
                        "every other property at its end",
                        sent -> sent.properties(
                                p -> p.priority(255).deliveryMode(1).type("t".repeat(255)))),
                dead("a compression that is a number", "undecodable", sent -> sent.header("compression", 7)),
                dead("a compression that we have not", "undecodable", sent -> sent.header("compression", "brotli")),
                dead("plain though it says zlib", "undecodable", sent -> sent.header("compression", "zlib")),
                dead(
                        "gzip though it says zlib",
                        "undecodable",
                        sent -> sent.header("compression", "gzip").body(gzip("[[7], {}, {}]"))),
                dead(
                        "a zlib bomb of a gigabyte",
                        "undecodable",
                        sent -> sent.header("compression", "zlib").body(bomb())),
                dead(
                        "a zlib stream of many lists",
                        "undecodable",
                        sent -> sent.header("compression", "zlib").body(zlib(many("[]")))));
    }

    private static List<HostileTask> bodies() {
        return List.of(
                dead("no body", "undecodable", sent -> sent.body("")),
                dead("an object for a body", "undecodable", sent -> sent.body("{}")),
                dead("protocol 1", "undecodable", sent -> sent.bare().body("{\"task\":\"square\",\"id\":\"i\"}")),
                dead("a result", "undecodable", sent -> sent.bare().body("{\"task_id\":\"i\",\"status\":\"SUCCESS\"}")),
                dead("two elements", "undecodable", sent -> sent.body("[[7], {}]")),
                dead("four elements", "undecodable", sent -> sent.body("[[7], {}, {}, {}]")),
                dead("args as an object", "undecodable", sent -> sent.body("[{}, {}, {}]")),
                dead("kwargs as null", "undecodable", sent -> sent.body("[[7], null, {}]")),
                dead("kwargs as a list", "undecodable", sent -> sent.body("[[7], [], {}]")),
                dead("embed as text", "undecodable", sent -> sent.body("[[7], {}, \"\"]")),
                dead("cut JSON", "undecodable", sent -> sent.body("[[7], {}, {}")),
                dead("more behind it", "undecodable", sent -> sent.body("[[7], {}, {}] []")),
                dead(
                        "text that is no UTF-8",
                        "undecodable",
                        sent -> sent.body(
                                new byte[] {'[', '[', '"', (byte) 0xff, '"', ']', ',', '{', '}', ',', '{', '}', ']'})),
                dead(
                        "UTF-8 longer than need be",
                        "wrong-arguments",
                        sent -> sent.body(new byte[] {
                            '[', '[', '"', (byte) 0xc0, (byte) 0xaf, '"', ']', ',', '{', '}', ',', '{', '}', ']'
                        })),
                dead(
                        "UTF-16 in disguise",
                        "undecodable",
                        sent -> sent.body("\ufeff[[7], {}".getBytes(StandardCharsets.UTF_16LE))),
                dead("a body of 70 MB", "undecodable", sent -> sent.body(new byte[70_000_000])),
                dead("nothing but NUL", "undecodable", sent -> sent.body(new byte[10_000])),
                dead("lists 10 000 deep", "undecodable", sent -> sent.body("[".repeat(10_000) + "]".repeat(10_000))),
                dead("objects a million deep", "undecodable", sent -> sent.body("{\"a\":".repeat(1_000_000))),
                dead(
                        "a number of 4 million digits",
                        "undecodable",
                        sent -> sent.body("[[" + "7".repeat(4_000_000) + "],{},{}]")),
                dead(
                        "a fraction of 4 million digits",
                        "undecodable",
                        sent -> sent.body("[[0." + "7".repeat(4_000_000) + "],{},{}]")),
                dead("half a surrogate pair in a name", "undecodable", sent -> sent.body("[[],{\"\\ud800\":1},{}]")),
                dead("16 MiB of empty lists", "undecodable", sent -> sent.body(many("[]"))),
                dead("16 MiB of empty objects", "undecodable", sent -> sent.body(many("{}"))),
                dead("16 MiB of objects that are not empty", "undecodable", sent -> sent.body(many("{\"\":[0]}"))),
                dead("16 MiB of empty texts", "undecodable", sent -> sent.body(many("\"\""))),
                dead("16 MiB of names", "undecodable", sent -> sent.body(names())),
                dead("16 MiB of numbers", "undecodable", sent -> sent.body(many("7"))),
                failed(
                        "16 MiB of one text that comes back",
                        "ValueError",
                        sent -> sent.task("echo").body(text(FULL))),
                answered(
                        "a million numbers that come back",
                        sent -> sent.task("echo").body("[[" + numbers(1_000_000) + "],{},{}]")),
                answered("16 384 names of one hash", sent -> sent.task("echo").body("[[],{" + oneHash() + "},{}]")),
                answered("a name twice", sent -> sent.body("[[],{\"n\":1,\"n\":2},{}]")),
                answered("not a number", sent -> sent.body("[[NaN],{},{}]")),
                answered("a number beyond a double", sent -> sent.body("[[1e99999],{},{}]")));
    }

    private static List<HostileTask> arguments() {
        return List.of(
                dead("a task named as a class", "unknown-task", sent -> sent.task("java.lang.Runtime")),
                dead("a task named as a path", "unknown-task", sent -> sent.task("../../etc/passwd\0")),
                dead("a part of Celery that we have not", "unknown-task", sent -> sent.task("celery.chord_unlock")),
                dead("no argument", "wrong-arguments", sent -> sent.body("[[],{},{}]")),
                dead("two arguments for one", "wrong-arguments", sent -> sent.body("[[1,2],{},{}]")),
                dead("one argument twice", "wrong-arguments", sent -> sent.body("[[1],{\"n\":2},{}]")),
                dead("an argument unknown", "wrong-arguments", sent -> sent.body("[[1],{\"m\":2},{}]")),
                dead(
                        "an argument unknown, of 8 MB",
                        "undecodable",
                        sent -> sent.body("[[1],{\"" + "m".repeat(8_000_000) + "\":2},{}]")),
                dead("text for a number", "wrong-arguments", sent -> sent.body("[[\"1\"],{},{}]")),
                dead("true for a number", "wrong-arguments", sent -> sent.body("[[true],{},{}]")),
                dead("null for a number", "wrong-arguments", sent -> sent.body("[[null],{},{}]")),
                dead(
                        "a fraction for a whole number",
                        "wrong-arguments",
                        sent -> sent.task("sleep").body("[[0.5, 1],{},{}]")),
                failed(
                        "a square of 8 600 digits",
                        "ValueError",
                        sent -> sent.body("[[" + "9".repeat(4_300) + "],{},{}]")),
                failed(
                        "an echo too deep to come back",
                        "ValueError",
                        sent -> sent.task("echo").body("[" + "[".repeat(499) + "]".repeat(499) + ",{},{}]")),
                failed(
                        "a sleep below zero",
                        "ValueError",
                        sent -> sent.task("sleep").body("[[-1, 1],{},{}]")),
                failed(
                        "a shared value named with a NUL",
                        "ValueError",
                        sent -> sent.task("update_value").body("[[\"a\\u0000b\", 1],{},{}]")),
                failed(
                        "a shared value past 64 bits",
                        "SharedStateException",
                        sent -> sent.task("update_value").body("[[\"hostile\", 1" + "0".repeat(4_000) + "],{},{}]")),
                failed(
                        "a shared array that is not there",
                        "SharedStateException",
                        sent -> sent.task("update_array").body("[[\"nix\", 1],{},{}]")),
                answered(
                        "an update of a shared value",
                        sent -> sent.task("update_value").header("id", "twin").body("[[\"twin\", 1],{},{}]")),
                answered(
                        "an update under a name made of another's id",
                        sent -> sent.task("update_value")
                                .header("id", "twin:settled")
                                .body("[[\"twin\", 1],{},{}]")),
                failed(
                        "a download of a file of ours",
                        "DownloadException",
                        sent -> sent.task("download").body("[[\"file:///etc/passwd\"],{},{}]")));
    }

    private static List<HostileTask> maps() {
        return List.of(
                dead("a chunk of nothing", "wrong-arguments", sent -> chunk(sent, "{}")),
                dead(
                        "a chunk whose task is a number",
                        "wrong-arguments",
                        sent -> chunk(sent, chunkOf("7", "'m'", "0", "[]"))),
                dead(
                        "a chunk of an unknown task",
                        "unknown-task",
                        sent -> chunk(sent, chunkOf("'nix'", "'m'", "0", "[[1]]"))),
                dead(
                        "a chunk of chunks",
                        "unknown-task",
                        sent -> chunk(sent, chunkOf("'workerfarm.map'", "'m'", "0", "[[1]]"))),
                dead(
                        "a chunk whose map is null",
                        "wrong-arguments",
                        sent -> chunk(sent, chunkOf("'square'", "null", "0", "[[1]]"))),
                dead(
                        "a chunk whose map has 8 MB",
                        "wrong-arguments",
                        sent -> chunk(
                                sent, chunkOf("'square'", "'" + "m".repeat(8_000_000) + "'", "0", empty(10_000)))),
                dead(
                        "a chunk that starts below zero",
                        "wrong-arguments",
                        sent -> chunk(sent, chunkOf("'square'", "'m'", "-1", "[[1]]"))),
                dead(
                        "a chunk that starts at a fraction",
                        "wrong-arguments",
                        sent -> chunk(sent, chunkOf("'square'", "'m'", "0.5", "[[1]]"))),
                dead(
                        "a chunk that starts at the end of the numbers",
                        "wrong-arguments",
                        sent -> chunk(sent, chunkOf("'square'", "'m'", "9223372036854775807", "[[1],[2]]"))),
                dead(
                        "a chunk whose items are an object",
                        "wrong-arguments",
                        sent -> chunk(sent, chunkOf("'square'", "'m'", "0", "{}"))),
                dead(
                        "a chunk whose items are no lists",
                        "wrong-arguments",
                        sent -> chunk(sent, chunkOf("'square'", "'m'", "0", "[[1],2]"))),
                dead(
                        "a chunk of 20 001 items",
                        "wrong-arguments",
                        sent -> chunk(sent, chunkOf("'square'", "'m'", "0", empty(20_001)))),
                dead(
                        "a chunk of a million empty items",
                        "undecodable",
                        sent -> chunk(sent, chunkOf("'square'", "'m'", "0", empty(1_000_000)))),
                answered(
                        "a chunk of 20 000 empty items, each a failure",
                        sent -> chunk(sent, chunkOf("'square'", "'m'", "0", empty(20_000)))),
                answered(
                        "a chunk of 5 000 failures with a stack each",
                        sent -> chunk(sent, chunkOf("'sleep'", "'m'", "0", "[" + "[-1,1],".repeat(4_999) + "[-1,1]]"))),
                answered("a chunk of no items", sent -> chunk(sent, chunkOf("'square'", "'m'", "0", "[]"))),
                answered(
                        "a chunk of one bad item among good ones",
                        sent -> chunk(sent, chunkOf("'square'", "'m'", "0", "[[1],[null],[3]]"))),
                answered(
                        "a chunk with an argument more",
                        sent -> chunk(sent, "{'task':'square','map':'m','start':0,'items':[[1]],'news':[]}")),
                dead(
                        "celery.map of nothing",
                        "wrong-arguments",
                        sent -> sent.task("celery.map").body("[[],{},{}]")),
                dead(
                        "celery.map whose task is text",
                        "wrong-arguments",
                        sent -> celery(sent, "map", "{'task':'square','it':[1]}")),
                dead(
                        "celery.map over an object",
                        "wrong-arguments",
                        sent -> celery(sent, "map", "{'task':{'task':'square'},'it':{}}")),
                dead(
                        "celery.map of an unknown task",
                        "unknown-task",
                        sent -> celery(sent, "map", "{'task':{'task':'nix'},'it':[1]}")),
                dead(
                        "celery.map of celery.map",
                        "unknown-task",
                        sent -> celery(sent, "map", "{'task':{'task':'celery.map'},'it':[1]}")),
                dead(
                        "celery.map with an item of another type",
                        "wrong-arguments",
                        sent -> celery(sent, "map", "{'task':{'task':'square'},'it':[1,[]]}")),
                dead(
                        "celery.map over a million numbers",
                        "wrong-arguments",
                        sent -> celery(sent, "map", "{'task':{'task':'square'},'it':[" + numbers(1_000_000) + "]}")),
                answered(
                        "celery.map over 100 000 echoes",
                        sent -> celery(sent, "map", "{'task':{'task':'echo'},'it':[" + numbers(100_000) + "]}")),
                dead(
                        "celery.starmap over numbers",
                        "wrong-arguments",
                        sent -> celery(sent, "starmap", "{'task':{'task':'square'},'it':[[1],2]}")));
    }

    private static HostileTask dead(String name, String reason, Consumer<HostileMessage> change) {
        return new HostileTask(name, change, Fate.DEAD, reason);
    }

    private static HostileTask failed(String name, String type, Consumer<HostileMessage> change) {
        return new HostileTask(name, change, Fate.FAILED, type);
    }

    private static HostileTask answered(String name, Consumer<HostileMessage> change) {
        return new HostileTask(name, change, Fate.ANSWERED, "");
    }

    private static HostileTask unheard(String name, Consumer<HostileMessage> change) {
        return new HostileTask(name, change, Fate.UNHEARD, "");
    }
}
