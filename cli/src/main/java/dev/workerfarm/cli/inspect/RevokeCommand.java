package dev.workerfarm.cli.inspect;

import dev.workerfarm.admin.FarmAdmin;
import dev.workerfarm.cli.output.Action;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.json.Json;
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
            "Redis only those that are connected hear of it, and the exit code is 3.",
            "",
            "Examples:",
            "  producer revoke 5e1c6a8e-90f3-4a5b-8f0c-0d7c3a9f2b11",
            "  producer map sleep -i ms.txt --detach > ids; producer revoke $(cat ids)",
            "  producer revoke ID --hard"
        })
public final class RevokeCommand implements Action {
    @Parameters(paramLabel = "ID", arity = "1..*", description = "Of tasks, maps, or items of maps.")
    private List<String> ids = List.of();

    @Option(
            names = "--hard",
            description = "End the process of a task that runs on for a second after its interrupt."
                    + " What else runs in that process runs again elsewhere. Not without Redis.")
    private boolean hard;

    @Option(names = "--json", description = "Print one object: stored (in Redis), told (the workers).")
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
            var done = admin.revoke(ids, hard ? Running.IS_KILLED : Running.IS_INTERRUPTED, timeout);
            if (done.notBroadcast() != null) {
                console.say("kept in Redis: workers hear of it when they connect to the broker again");
                throw done.notBroadcast();
            }
            var notStored = done.notStored();
            if (json) {
                console.write(Json.strictText(new TreeMap<>(Map.of("stored", notStored == null, "told", true))) + "\n");
            }
            if (notStored != null) {
                console.say("only the workers that are connected now were told: " + notStored.getMessage());
                return ExitCode.UNREACHABLE;
            }
            return ExitCode.OK;
        }
    }
}
