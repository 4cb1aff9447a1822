package dev.workerfarm.cli.inspect;

import dev.workerfarm.admin.FarmAdmin;
import dev.workerfarm.cli.output.Action;
import dev.workerfarm.cli.output.CommonOptions;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.cli.output.ResultPrinter;
import dev.workerfarm.json.Json;
import dev.workerfarm.redis.StoredResults;
import dev.workerfarm.wire.Outcome;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code producer result}: the outcome of a task that nobody waited for. */
@Command(
        name = "result",
        description = "Prints the result of a task that was published with --detach or replayed. No broker is needed.",
        footer = {
            "Workers keep these results in Redis for a day, as well as they can: while Redis",
            "is away results are not kept.",
            "",
            "Examples:",
            "  id=$(producer run square 12 --detach); producer result $id --wait",
            "  producer result ID --timeout 30s --json"
        })
public final class ResultCommand implements Action {
    @Parameters(paramLabel = "ID", description = "The task's id, as --detach has printed it.")
    private String id = "";

    @Option(names = "--wait", description = "Wait until it is there.")
    private boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "Wait until it is there, no longer than 500ms, 20s, 5m or 2h (exit code 4).")
    private @Nullable Duration timeout;

    @Option(names = "--json", description = "Print one line of JSON with index, id, ok, and value or error.")
    private boolean json;

    @Option(names = "--verbose", description = "Stack traces and a debug log on standard error.")
    private boolean verbose;

    @Override
    public int run(Console console) throws InterruptedException {
        try (var admin = FarmAdmin.open(null, console.redis(), console.names())) {
            var outcome = wait || timeout != null ? admin.awaitResult(id, timeout) : admin.result(id);
            if (outcome == null) {
                console.say(
                        "no result of " + id + " is there: it has not ended, was not published with --detach, or ended"
                                + " more than " + StoredResults.KEPT.toHours() + " h ago");
                return ExitCode.TIMED_OUT;
            }
            var options = new CommonOptions();
            options.json = json;
            options.verbose = verbose;
            var printer = new ResultPrinter(console, options, Json::text);
            if (outcome instanceof Outcome.Failed failed) {
                var failure = failed.failure();
                var plain = "task " + id + " failed: " + failure.type() + ": " + failure.text();
                printer.failed(0, id, failure.type(), failure.text(), plain, failure.stack());
            } else {
                printer.succeeded(0, id, ((Outcome.Succeeded) outcome).value());
            }
            printer.flush();
            return outcome instanceof Outcome.Failed ? ExitCode.FAILED : ExitCode.OK;
        }
    }
}
