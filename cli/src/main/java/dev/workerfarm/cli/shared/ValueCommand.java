package dev.workerfarm.cli.shared;

import dev.workerfarm.cli.output.Action;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.shared.SharedValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code producer value}: a shared value, read or changed in Redis. */
@Command(
        name = "value",
        customSynopsis = {
            "producer value NAME [get | set N | add N | rm] [--type i|d] [--json]",
            "                [--timeout DURATION] [--quiet] [--verbose]"
        },
        description = "Reads or changes a shared value in Redis and prints its number. No broker is needed.",
        footer = {
            "Operations:",
            "  get      its number; 0 where there is none",
            "  set N    sets it; it keeps its type, with --type it is made anew",
            "  add N    adds, in one atomic step; overflow of 64 bits, or --type with the",
            "           other type than it has, changes nothing",
            "  rm       removes it and prints nothing; fails where there is none",
            "",
            "Examples:",
            "  producer value total",
            "  producer value total set 5",
            "  producer value total add -2",
            "  producer value ratio set 1 --type d    made anew, as a double"
        })
public final class ValueCommand implements Action {
    @Mixin
    private SharedOperation operation = new SharedOperation("a value has get, set N, add N and rm");

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "OPERATION",
            completionCandidates = Operations.class,
            description = "What to do, as listed below; get if nothing is said.")
    private List<String> words = List.of();

    @Override
    public int run(Console console) {
        return operation.run(console, words, (state, name) -> apply(state.value(name, operation.type)));
    }

    private @Nullable Object apply(SharedValue value) {
        return switch (operation.word()) {
            case "get" -> {
                operation.operands(0, 0);
                yield value.get();
            }
            case "set" -> set(value, operation.number());
            case "add" -> value.addAndGet(operation.number());
            case "rm" -> operation.removed("value", value::delete);
            default -> throw operation.unknown();
        };
    }

    private Object set(SharedValue value, Number number) {
        if (operation.type == null) {
            return value.setAndGet(number);
        }
        value.make(operation.type, number);
        return number;
    }

    private static final class Operations extends ArrayList<String> {
        Operations() {
            super(List.of("get", "set", "add", "rm"));
        }
    }
}
