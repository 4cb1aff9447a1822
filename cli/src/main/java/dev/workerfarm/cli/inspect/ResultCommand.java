package dev.workerfarm.cli.inspect;

import dev.workerfarm.admin.FarmAdmin;
import dev.workerfarm.cli.output.Action;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.json.Json;
import dev.workerfarm.redis.StoredResults;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.control.WorkerStatus;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code producer result}: the outcome of a task that nobody waited for. */
@Command(
        name = "result",
        description = "Prints the result of a task that was published with --detach or replayed, or where the task is.",
        footer = {
            "Workers keep these results in Redis for a day, as well as they can: while Redis",
            "is away results are not kept. Where there is none, the connected workers are",
            "asked. With --json the line's state is one of",
            "  finished   it has ended: ok, and value or error (exit code 0 or 1)",
            "  running    on the process that worker names (exit code 4)",
            "  revoked    it was revoked, so it will not begin (exit code 1)",
            "  not-seen   it waits, or is not known (exit code 4)",
            "",
            "Examples:",
            "  id=$(producer run square 12 --detach); producer result $id --wait",
            "  producer result ID --timeout 30s --json"
        })
public final class ResultCommand implements Action {
    private static final Duration ANSWER = Duration.ofSeconds(2);

    @Parameters(paramLabel = "ID", description = "The task's id, as --detach has printed it.")
    private String id = "";

    @Option(names = "--wait", description = "Wait until it is there.")
    private boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "Wait until it is there, no longer than 500ms, 20s, 5m or 2h (exit code 4).")
    private @Nullable Duration timeout;

    @Option(names = "--json", description = "Print one line of JSON with index, id, ok, value or error, and state.")
    private boolean json;

    @Option(names = "--verbose", description = "Stack traces and a debug log on standard error.")
    private boolean verbose;

    @Override
    public int run(Console console) throws InterruptedException {
        try (var admin = FarmAdmin.open(null, console.redis(), console.names())) {
            var outcome = wait || timeout != null ? admin.awaitResult(id, timeout) : admin.result(id);
            if (outcome == null) {
                return unfinished(console, admin);
            }
            if (json) {
                print(console, outcome instanceof Outcome.Succeeded, "finished", details(outcome));
            } else if (outcome instanceof Outcome.Failed failed) {
                var failure = failed.failure();
                console.say("task " + id + " failed: " + failure.type() + ": " + failure.text());
            } else {
                console.write(Json.text(((Outcome.Succeeded) outcome).value()) + "\n");
            }
            if (verbose
                    && outcome instanceof Outcome.Failed failed
                    && failed.failure().stack() != null) {
                console.err().println(failed.failure().stack().stripTrailing());
            }
            return outcome instanceof Outcome.Failed ? ExitCode.FAILED : ExitCode.OK;
        }
    }

    private static Map<String, @Nullable Object> details(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            var failure = failed.failure();
            return Map.of("error", new Cause(failure.type(), failure.text()));
        }
        return Collections.singletonMap("value", ((Outcome.Succeeded) outcome).value());
    }

    private record Cause(String type, String message) {}

    /** Says where a task is that has no result; the exit code. */
    private int unfinished(Console console, FarmAdmin admin) throws InterruptedException {
        var worker = running(console);
        if (worker != null) {
            return say(console, "running", "it is running on " + worker, Map.of("worker", worker), ExitCode.TIMED_OUT);
        }
        if (admin.isRevoked(id)) {
            return say(console, "revoked", "it was revoked", Map.of(), ExitCode.FAILED);
        }
        var why = "not seen: waiting or unknown (not published with --detach, or ended more than "
                + StoredResults.KEPT.toHours() + " h ago)";
        return say(console, "not-seen", why, Map.of(), ExitCode.TIMED_OUT);
    }

    private int say(Console console, String state, String text, Map<String, ?> details, int code) {
        if (json) {
            print(console, false, state, details);
        } else {
            console.say("no result of " + id + " is there: " + text);
        }
        return code;
    }

    private void print(Console console, boolean ok, String state, Map<String, ?> details) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("index", 0);
        line.put("id", id);
        line.put("ok", ok);
        line.putAll(details);
        line.put("state", state);
        console.write(Json.strictText(line) + "\n");
    }

    /** The name of the worker process that runs it, or null: none says so, or there is no broker. */
    private @Nullable String running(Console console) throws InterruptedException {
        try (var admin = FarmAdmin.open(console.broker(), null, console.names());
                var client = admin.status(null)) {
            return client.askBriefly(ANSWER).workers().stream()
                    .filter(worker -> worker.runs(id))
                    .map(WorkerStatus::worker)
                    .findFirst()
                    .orElse(null);
        } catch (BrokerUnreachableException e) {
            console.say("the workers were not asked: " + e.getMessage());
            return null;
        }
    }
}
