package dev.workerfarm.cli.calls;

import dev.workerfarm.cli.input.Typed;
import dev.workerfarm.cli.output.Action;
import dev.workerfarm.cli.output.CommonOptions;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.cli.output.ResultPrinter;
import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.json.Json;
import dev.workerfarm.task.RetryPolicy;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code producer run}: any task by its name, once. */
@Command(
        name = "run",
        description = "Runs a task once and prints its result as a line of JSON.",
        footer = {
            "Examples:",
            "  producer run square 12",
            "  producer run echo '{\"a\": [1, 2.5, null]}'",
            "  producer run sleep --kwarg ms=500 --timeout 2s",
            "  producer run sleep 60000 --soft-limit 1s --hard-limit 2s",
            "  producer run square 12 --countdown 10m --expires 1h --detach",
            "  producer run echo -- --not-an-option"
        })
public final class RunCommand implements Action {
    @Mixin
    private CallFlags.Task task = new CallFlags.Task();

    @Parameters(
            index = "1..*",
            paramLabel = "ARG",
            description = "Arguments: JSON values; what is not JSON is a string.")
    private List<String> args = List.of();

    @Option(names = "--kwarg", paramLabel = "NAME=VALUE", description = "A keyword argument; may be repeated.")
    private Map<String, String> kwargs = new LinkedHashMap<>();

    @Option(
            names = "--countdown",
            paramLabel = "DURATION",
            description = "Run it not before this time is over: 5s, 20m, 2h.")
    private @Nullable Duration countdown;

    @Option(
            names = "--expires",
            paramLabel = "DURATION",
            description = "Do not run it, but fail, if it has not begun when this time is over.")
    private @Nullable Duration expires;

    @Mixin
    private CallFlags.Limits limits = new CallFlags.Limits();

    @Mixin
    private CommonOptions options = new CommonOptions();

    @Override
    public int run(Console console) {
        var values = args.stream().<@Nullable Object>map(Typed::value).toList();
        Map<String, @Nullable Object> named = new LinkedHashMap<>();
        kwargs.forEach((name, value) -> named.put(name, Typed.value(value)));
        var printer = new ResultPrinter(console, options, Json::text);
        var timeLimits = limits.timeLimits();
        requireWait("countdown", countdown);
        requireWait("expires", expires);
        try (var session = new PoolSession(console)) {
            var call =
                    session.call(task.name, console, options).limits(timeLimits).kwargs(named);
            if (countdown != null) {
                call = call.countdown(countdown);
            }
            if (expires != null) {
                call = call.expires(expires);
            }
            if (options.detach) {
                var confirmed = call.storing().publish(values.toArray());
                printer.published(0, confirmed.get(options.publishTimeout()));
                return ExitCode.OK;
            }
            var result = call.applyAsync(values.toArray());
            var value = options.timeout == null ? result.get() : result.get(options.timeout);
            printer.succeeded(0, result.id(), value);
            return ExitCode.OK;
        } catch (TaskFailedException e) {
            printer.failed(0, e.taskId(), e.type(), e.text(), String.valueOf(e.getMessage()), e.remoteStack());
            return ExitCode.FAILED;
        } finally {
            printer.flush();
        }
    }

    /** Before anything is connected. */
    private static void requireWait(String name, @Nullable Duration wait) {
        if (wait != null) {
            RetryPolicy.requireWait(name, wait);
        }
    }
}
