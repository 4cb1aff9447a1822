package dev.workerfarm.cli.inspect;

import dev.workerfarm.admin.FarmAdmin;
import dev.workerfarm.broker.settings.ManagementClient;
import dev.workerfarm.cli.output.Action;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.config.Durations;
import dev.workerfarm.json.Json;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code producer status}: the farm's workers, queues and dead letters. */
@Command(
        name = "status",
        description = "Shows the workers and what they run, the queues, and how many dead letters there are.",
        footer = {
            "Workers answer for themselves; one that does not within --timeout is not listed.",
            "Unacked messages and rates come from RabbitMQ's management API, where it answers",
            "at FARM_MANAGEMENT_URL or, for a broker on port 5672, on port 15672 of its host.",
            "Elsewhere unacked is what workers say they hold, and rates are a dash; with",
            "--watch the workers' own rate is shown.",
            "",
            "Examples:",
            "  producer status",
            "  producer status --watch          every 2 seconds, until Ctrl-C",
            "  producer status --watch=500ms --json",
            "  producer status --json | jq '.queues[] | select(.ready > 1000)'"
        })
public final class StatusCommand implements Action {
    private static final String CLEAR_SCREEN = "\u001b[H\u001b[2J";

    @Option(names = "--json", description = "Print one JSON object, with --watch one a line.")
    private boolean json;

    @Option(
            names = "--watch",
            arity = "0..1",
            fallbackValue = "2s",
            paramLabel = "INTERVAL",
            description = "Show it again and again, every 2s or INTERVAL.")
    private @Nullable Duration watch;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "2s",
            description = "How long to wait for workers that the broker sees. Default: ${DEFAULT-VALUE}")
    private Duration timeout = Duration.ofSeconds(2);

    @Override
    public int run(Console console) throws InterruptedException {
        try (var admin = FarmAdmin.open(console.broker(), null, console.names());
                var client = admin.status(ManagementClient.url(console.environment()))) {
            var report = new StatusReport();
            while (true) {
                var status = client.ask(timeout);
                if (watch != null && !json && console.hasOutputTerminal()) {
                    console.out().print(CLEAR_SCREEN);
                }
                console.write(json ? Json.strictText(status) + "\n" : report.text(status, System.nanoTime()));
                if (watch == null) {
                    return ExitCode.OK;
                }
                TimeUnit.NANOSECONDS.sleep(Durations.nanos(watch));
            }
        }
    }
}
