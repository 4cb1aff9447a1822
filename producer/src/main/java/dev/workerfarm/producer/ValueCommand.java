package dev.workerfarm.producer;

import dev.workerfarm.shared.SharedValue;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code producer value}: a shared value, read or changed in Redis. */
@Command(
        name = "value",
        customSynopsis = {
            "producer value NAME [get | set N | add N | rm] [--type i|d] [--json]",
            "                [--quiet] [--verbose]"
        },
        description = "Reads or changes a shared value in Redis and prints its number. No broker is needed.",
        footer = {
            "",
            "Operations:",
            "  get      its number; 0 where there is none",
            "  set N    sets it; it keeps its type, with --type it is made anew",
            "  add N    adds, in one atomic step; overflow of 64 bits changes nothing",
            "  rm       removes it and prints nothing; fails where there is none",
            "",
            "Examples:",
            "  producer value total",
            "  producer value total set 5",
            "  producer value total add -2",
            "  producer value ratio set 1 --type d    made anew, as a double"
        })
final class ValueCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private SharedOperation operation = new SharedOperation("a value has get, set N, add N and rm");

    ValueCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        return operation.run(console, (state, name) -> apply(state.value(name)));
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
                    value.set(number);
                } else {
                    value.make(type, number);
                }
                return value.get();
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
