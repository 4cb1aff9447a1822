package dev.workerfarm.cli.shared;

import dev.workerfarm.cli.input.Candidates;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.shared.SharedValue;
import java.util.List;
import java.util.concurrent.Callable;
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
            "",
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
public final class ValueCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private SharedOperation operation = new SharedOperation("a value has get, set N, add N and rm");

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "OPERATION",
            completionCandidates = Candidates.OfValue.class,
            description = "What to do, as listed below; get if nothing is said.")
    private List<String> words = List.of();

    public ValueCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        return operation.run(console, words, (state, name) -> apply(state.value(name, operation.type())));
    }

    private @Nullable Object apply(SharedValue value) {
        switch (operation.word()) {
            case "get" -> {
                operation.operands(0, 0);
                return value.get();
            }
            case "set" -> {
                var number = operation.number(operation.operands(1, 1).get(0));
                var type = operation.type();
                if (type == null) {
                    return value.setAndGet(number);
                }
                value.make(type, number);
                return number;
            }
            case "add" -> {
                return value.addAndGet(operation.number(operation.operands(1, 1).get(0)));
            }
            case "rm" -> {
                operation.operands(0, 0);
                return operation.removed("value", value.delete());
            }
            default -> throw operation.unknown();
        }
    }
}
