package dev.workerfarm.producer;

import dev.workerfarm.shared.SharedValue;
import dev.workerfarm.shared.Typecode;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code producer value}: a shared value, read or changed in Redis. */
@Command(
        name = "value",
        customSynopsis = {
            "producer value NAME [get | set N | add N] [--type i|d] [--json]",
            "                [--quiet] [--verbose]"
        },
        description = "Reads or changes a shared value in Redis and prints its number. No broker is needed.",
        footer = {
            "",
            "Examples:",
            "  producer value total                   its number; 0 where there is none",
            "  producer value total set 5",
            "  producer value total add -2",
            "  producer value ratio set 1 --type d    made anew, as a double"
        })
final class ValueCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(index = "0", paramLabel = "NAME", description = "The value's name.")
    private String name = "";

    @Parameters(
            index = "1..*",
            arity = "0..2",
            paramLabel = "OPERATION",
            description = "get (the default), set N, or add N.")
    private List<String> operation = List.of();

    @Option(
            names = "--type",
            paramLabel = "i|d",
            description = "i: 64-bit integer, d: double; set makes the value anew with it. Default: as N is written.")
    private @Nullable Typecode type;

    @Mixin
    private CommonOptions options = new CommonOptions();

    ValueCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try (var session = SharedSession.open(console, options)) {
            session.print(number(session.state().value(name)));
            return ExitCode.OK;
        }
    }

    private Number number(SharedValue value) {
        var words = operation.isEmpty() ? "get 0" : operation.get(0) + " " + operation.size();
        switch (words) {
            case "get 0", "get 1" -> {
                return value.get();
            }
            case "set 2" -> {
                var number = Typed.number(operation.get(1), type);
                if (type == null) {
                    value.set(number);
                } else {
                    value.make(type, number);
                }
                return value.get();
            }
            case "add 2" -> {
                return value.addAndGet(Typed.number(operation.get(1), type));
            }
            default ->
                throw new IllegalArgumentException("a value has get, set N and add N, not '"
                        + String.join(" ", operation) + "'; see value --help");
        }
    }
}
