package dev.workerfarm.producer;

import dev.workerfarm.shared.SharedArray;
import dev.workerfarm.shared.Typecode;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code producer array}: a shared array, read or changed in Redis. */
@Command(
        name = "array",
        customSynopsis = {
            "producer array NAME [get [I] | set I N | add I N | add-all N |",
            "                fill LENGTH N] [--type i|d] [--json] [--quiet] [--verbose]"
        },
        description = "Reads or changes a shared array in Redis and prints what it then holds. No broker is needed.",
        footer = {
            "",
            "Prints one element a line, or with --json an array. I counts from 0, a negative one from the end.",
            "",
            "Examples:",
            "  producer array a fill 4 0              four zeros",
            "  producer array a add-all 10",
            "  producer array a set -1 7",
            "  producer array a get --json"
        })
final class ArrayCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(index = "0", paramLabel = "NAME", description = "The array's name.")
    private String name = "";

    @Parameters(
            index = "1..*",
            arity = "0..3",
            paramLabel = "OPERATION",
            description = "get [I] (the default), set I N, add I N, add-all N, or fill LENGTH N.")
    private List<String> operation = List.of();

    @Option(
            names = "--type",
            paramLabel = "i|d",
            description = "i: 64-bit integers, d: doubles; fill makes the array with it. Default: as N is written.")
    private @Nullable Typecode type;

    @Mixin
    private CommonOptions options = new CommonOptions();

    ArrayCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try (var session = SharedSession.open(console, options)) {
            apply(session.state().array(name), session);
            return ExitCode.OK;
        }
    }

    private void apply(SharedArray array, SharedSession session) {
        var words = operation.isEmpty() ? "get 1" : operation.get(0) + " " + operation.size();
        switch (words) {
            case "get 1" -> session.print(array.toList());
            case "get 2" -> session.print(array.get(index()));
            case "set 3" -> {
                array.set(index(), number(2));
                session.print(array.get(index()));
            }
            case "add 3" -> session.print(array.add(index(), number(2)));
            case "add-all 2" -> session.print(array.addToAll(number(1)));
            case "fill 3" -> {
                var length = Typed.count("LENGTH", operation.get(1));
                if (type == null) {
                    array.fill(length, number(2));
                } else {
                    array.fill(length, type, number(2));
                }
                session.print(array.toList());
            }
            default ->
                throw new IllegalArgumentException(
                        "an array has get [I], set I N, add I N, add-all N and fill LENGTH N, not '"
                                + String.join(" ", operation) + "'; see array --help");
        }
    }

    private int index() {
        return Typed.count("I", operation.get(1));
    }

    private Number number(int place) {
        return Typed.number(operation.get(place), type);
    }
}
