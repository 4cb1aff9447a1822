package dev.workerfarm.cli.calls;

import dev.workerfarm.cli.input.Typed;
import dev.workerfarm.cli.input.Words;
import dev.workerfarm.cli.output.Action;
import dev.workerfarm.cli.output.CommonOptions;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.json.Json;
import dev.workerfarm.task.Square;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code producer square}: the article's first example. */
@Command(
        name = "square",
        description = "Squares numbers on the workers and prints the results in the numbers' order.",
        footer = {
            "Whole numbers are exact, up to 4300 digits. -3 is a number, not an option.",
            "",
            "Examples:",
            "  producer square 1 2 3 4 5",
            "  producer square -3 1.5 1180591620717411303424",
            "  seq 1 100000 | producer square -"
        })
public final class SquareCommand implements Action {
    @Parameters(
            paramLabel = "NUMBER",
            arity = "1..*",
            description = "Numbers; - reads them from standard input, one a line.")
    private List<String> numbers = List.of();

    @Mixin
    private CallFlags.Chunk chunk = new CallFlags.Chunk();

    @Mixin
    private CommonOptions options = new CommonOptions();

    @Override
    public int run(Console console) {
        var words = new Words(numbers, console.in());
        var items = new ItemRun.Items(
                words, number -> List.of(Typed.number(number)), number -> "", words.total(), () -> -1);
        var size = chunk.size();
        return new ItemRun(console, options, Square.TYPE.name(), Json::text).run(items, call -> call.chunkSize(size));
    }
}
