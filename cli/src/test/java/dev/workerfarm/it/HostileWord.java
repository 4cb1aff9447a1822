package dev.workerfarm.it;

import static dev.workerfarm.it.HostileBytes.NO_UTF_8;
import static dev.workerfarm.it.HostileBytes.bomb;
import static dev.workerfarm.it.HostileBytes.deepList;
import static dev.workerfarm.it.HostileBytes.many;
import static dev.workerfarm.it.HostileBytes.zlib;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A message that a stranger may send to those who answer none: it is dropped.
 *
 * @param change makes the message of another; its body may have single quotes
 */
record HostileWord(String name, Consumer<HostileMessage> change) {
    @Override
    public String toString() {
        return name;
    }

    /** The message. */
    HostileMessage message() {
        var message = new HostileMessage();
        change.accept(message);
        if (message.body.length > 0 && message.body[0] == '{') {
            message.body(new String(message.body, StandardCharsets.UTF_8).replace('\'', '"'));
        }
        return message;
    }

    static List<HostileWord> toTheControlExchange() {
        return List.of(
                junk("no body", sent -> sent.body("")),
                junk("no JSON", sent -> sent.body("revoke")),
                junk("a list", sent -> sent.body("[]")),
                junk("nothing", sent -> sent.body("null")),
                junk("no method", sent -> sent.body("{'arguments':{}}")),
                junk("a method that is a number", sent -> sent.body("{'method':1,'arguments':{}}")),
                junk("a method that we have not", sent -> sent.body("{'method':'shutdown','arguments':{}}")),
                junk("arguments that are a list", sent -> sent.body("{'method':'revoke','arguments':[]}")),
                junk("no ids", sent -> sent.body("{'method':'revoke','arguments':{}}")),
                junk("ids that are numbers", sent -> sent.body("{'method':'revoke','arguments':{'task_id':[1]}}")),
                junk(
                        "an id of 256 bytes",
                        sent -> sent.body("{'method':'revoke','arguments':{'task_id':'" + "i".repeat(256) + "'}}")),
                junk(
                        "1 001 ids",
                        sent -> sent.body(
                                "{'method':'revoke','arguments':{'task_id':['i'" + ",'i'".repeat(1_000) + "]}}")),
                junk(
                        "1 000 ids of 255 bytes",
                        sent -> sent.body("{'method':'revoke','arguments':{'task_id':["
                                + IntStream.range(0, 1_000)
                                        .mapToObj(n -> "'" + "i".repeat(251) + (1_000 + n) + "'")
                                        .collect(Collectors.joining(","))
                                + "]}}")),
                junk("a depth of 10 000", sent -> sent.body("[".repeat(10_000))),
                junk("16 MiB", sent -> sent.body(many("[]"))),
                junk("a bomb", sent -> sent.header("compression", "zlib").body(bomb())),
                junk(
                        "many lists in little zlib",
                        sent -> sent.header("compression", "zlib").body(zlib(many("[]")))),
                junk("a pickle", sent -> sent.properties(p -> p.contentType("application/x-python-serialize"))),
                junk("no content type", sent -> sent.properties(p -> p.contentType(null))),
                junk("headers 500 deep", sent -> sent.header("x", deepList(500))),
                junk("bytes that are no UTF-8", sent -> sent.body(new byte[] {'"', (byte) 0xff, '"'})),
                junk(
                        "a status for a queue that is not there",
                        sent -> sent.body("{'method':'status','arguments':{}}").properties(p -> p.replyTo("nix"))),
                junk("a status for nobody", sent -> sent.body("{'method':'status','arguments':{}}")),
                junk(
                        "a status for a name that is no UTF-8",
                        sent -> sent.body("{'method':'status','arguments':{}}")
                                .properties(p -> p.replyTo(NO_UTF_8))
                                .inBrokenText()));
    }

    static List<HostileWord> toAReplyQueue() {
        return List.of(
                junk("no body", sent -> sent.body("")),
                junk("no JSON", sent -> sent.body("SUCCESS")),
                junk("a list", sent -> sent.body("[[],{},{}]")),
                junk("no task_id", sent -> sent.body("{'status':'SUCCESS','result':1}")),
                junk("a task_id that is a number", sent -> sent.body("{'task_id':1,'status':'SUCCESS'}")),
                junk("no status", sent -> sent.body("{'task_id':'i'}")),
                junk("a status that is null", sent -> sent.body("{'task_id':'i','status':null}")),
                junk("a status that is unknown", sent -> sent.body("{'task_id':'i','status':'DONE'}")),
                junk("a result that nobody waits for", sent -> sent.body("{'task_id':'i','status':'SUCCESS'}")),
                junk("a failure of no shape", sent -> sent.body("{'task_id':'i','status':'FAILURE','result':7}")),
                junk(
                        "a failure of lists",
                        sent -> sent.body(
                                "{'task_id':'i','status':'REVOKED','result':{'exc_message':[[[]]],'exc_type':{}},'traceback':7}")),
                junk("a worker's status", sent -> sent.body("{'worker':'w','host':'h','queues':null}")),
                junk("a depth of 10 000", sent -> sent.body("[".repeat(10_000))),
                junk(
                        "4 million digits",
                        sent -> sent.body("{'task_id':'i','status':'SUCCESS','result':" + "7".repeat(4_000_000) + "}")),
                junk("a bomb", sent -> sent.header("compression", "zlib").body(bomb())),
                junk("a pickle", sent -> sent.properties(p -> p.contentType("application/x-python-serialize"))),
                junk("no content type", sent -> sent.properties(p -> p.contentType(null))),
                junk("headers 500 deep", sent -> sent.header("x", deepList(500))),
                junk("bytes that are no UTF-8", sent -> sent.body(new byte[] {'"', (byte) 0xff, '"'})),
                junk(
                        "a correlation id that is no UTF-8",
                        sent -> sent.properties(p -> p.correlationId(NO_UTF_8)).inBrokenText()));
    }

    private static HostileWord junk(String name, Consumer<HostileMessage> change) {
        return new HostileWord(name, change);
    }
}
