package dev.workerfarm.cli.calls;

import dev.workerfarm.cli.input.Lines;
import dev.workerfarm.cli.input.Typed;
import dev.workerfarm.cli.output.Action;
import dev.workerfarm.cli.output.CommonOptions;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.json.Json;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code producer map}: one task for each line of an input. */
@Command(
        name = "map",
        description = "Runs a task for each line of the input; prints each result as a line of JSON.",
        footer = {
            "A line is one JSON value, the sole argument, or a JSON array of arguments; what",
            "is not JSON is a string. Blank lines are left out. The input may be endless:",
            "results come while it is read.",
            "",
            "Examples:",
            "  seq 1 1000 | producer map square",
            "  producer map echo -i lines.txt --json",
            "  producer map sleep -i milliseconds.txt --chunk-size 1"
        })
public final class MapCommand implements Action {
    @Mixin
    private CallFlags.Task task = new CallFlags.Task();

    @Option(names = "-i", paramLabel = "FILE", description = "The input, or - for standard input. Default: -")
    private @Nullable String file;

    @Mixin
    private CallFlags.Chunk chunk = new CallFlags.Chunk();

    @Mixin
    private CallFlags.Limits limits = new CallFlags.Limits();

    @Mixin
    private CommonOptions options = new CommonOptions();

    @Override
    public int run(Console console) throws IOException {
        try (var lines = Lines.open(file, console)) {
            var items = new ItemRun.Items(
                    lines, Typed::arguments, line -> "", -1, () -> Lines.count(file, counted -> counted));
            var size = chunk.size();
            var timeLimits = limits.timeLimits();
            return new ItemRun(console, options, task.name, Json::text)
                    .run(items, call -> call.chunkSize(size).limits(timeLimits));
        }
    }
}
