package dev.workerfarm.cli.inspect;

import dev.workerfarm.admin.FarmAdmin;
import dev.workerfarm.cli.output.Action;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.json.Json;
import dev.workerfarm.status.FarmStatus;
import dev.workerfarm.wire.control.ControlMessage.Revoke.Running;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code producer revoke}: tasks that nobody wants any more. */
@Command(
        name = "revoke",
        description = "Has tasks not run any more: what has not begun does not begin, what runs is interrupted.",
        footer = {
            "An ID is a task's, a map's, or MAP:INDEX for one of its items. The caller gets",
            "a TaskRevokedError. What has ended is not undone, and a task that ignores the",
            "interrupt runs to its end without effect on shared state, unless --hard.",
            "",
            "Redis keeps the ids for 7 days for workers that are not there now. Without",
            "Redis only those that are connected hear of it, and the exit code is 3. Where no",
            "worker runs an id and no message waits, nobody knows the id: a line says so, and",
            "the exit code is 4. It is kept all the same.",
            "",
            "Examples:",
            "  producer revoke 5e1c6a8e-90f3-4a5b-8f0c-0d7c3a9f2b11",
            "  producer map sleep -i ms.txt --detach > ids; producer revoke $(cat ids)",
            "  producer revoke ID --hard"
        })
public final class RevokeCommand implements Action {
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final int MOST_SAID = 10;

    @Parameters(paramLabel = "ID", arity = "1..*", description = "Of tasks, maps, or items of maps.")
    private List<String> ids = List.of();

    @Option(
            names = "--hard",
            description = "End the process of a task that runs on for a second after its interrupt."
                    + " What else runs in that process runs again elsewhere. Not without Redis.")
    private boolean hard;

    @Option(
            names = "--json",
            description = "Print one object: stored (in Redis), told (the workers), unknown (ids that nobody knows).")
    private boolean json;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description =
                    "How long to wait for a broker that takes no messages (exit code 4). Default: ${DEFAULT-VALUE}")
    private Duration timeout = Duration.ofSeconds(10);

    @Override
    public int run(Console console) throws InterruptedException {
        try (var admin = FarmAdmin.open(console.broker(), console.redis(), console.names())) {
            var unknown = unknown(admin); // first, as what runs ends by the revocation
            var done = admin.revoke(ids, hard ? Running.IS_KILLED : Running.IS_INTERRUPTED, timeout);
            if (done.notBroadcast() != null) {
                console.say("kept in Redis: workers hear of it when they connect to the broker again");
                throw done.notBroadcast();
            }
            var notStored = done.notStored();
            if (json) {
                Map<String, Object> line = new TreeMap<>(Map.of("stored", notStored == null, "told", true));
                if (!unknown.isEmpty()) {
                    line.put("unknown", unknown);
                }
                console.write(Json.strictText(line) + "\n");
            }
            if (notStored != null) {
                console.say("only the workers that are connected now were told: " + notStored.getMessage());
                return ExitCode.UNREACHABLE;
            }
            if (unknown.isEmpty()) {
                return ExitCode.OK;
            }
            unknown.stream()
                    .limit(MOST_SAID)
                    .forEach(id -> console.say("nobody knows " + id
                            + ": no worker runs it and no queue of theirs has messages, so it has ended or was never"
                            + " there; it is kept as revoked all the same"));
            if (unknown.size() > MOST_SAID) {
                console.say("and nobody knows " + (unknown.size() - MOST_SAID) + " others");
            }
            return ExitCode.TIMED_OUT;
        }
    }

    /** Those that nobody knows; none while messages wait, as each may be theirs, or where it cannot be asked. */
    private List<String> unknown(FarmAdmin admin) throws InterruptedException {
        try (var client = admin.status(null)) {
            var unknown = ids;
            // Twice, as a worker whose task is long is not among those whose number the broker tells.
            for (int i = 0; i < 2 && !unknown.isEmpty(); i++) {
                unknown = unknown(unknown, client.askBriefly(ANSWER));
            }
            return unknown.isEmpty() || client.hasDelayed() ? List.of() : unknown;
        } catch (BrokerUnreachableException e) {
            return List.of(); // the revocation says so itself, or a permission is missing to ask
        }
    }

    private static List<String> unknown(List<String> ids, FarmStatus status) {
        var isIdle = status.workers().size() >= status.consuming()
                && status.workers().stream().allMatch(worker -> worker.waiting() == 0)
                && status.queues().stream()
                        .limit(status.queues().size() - 1L) // the dead letters are last
                        .allMatch(queue -> queue.ready() == null || queue.ready() == 0);
        return isIdle
                ? ids.stream()
                        .filter(id -> status.workers().stream().noneMatch(worker -> worker.runs(id)))
                        .toList()
                : List.of();
    }
}
