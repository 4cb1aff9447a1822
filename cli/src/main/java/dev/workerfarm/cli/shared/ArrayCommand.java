package dev.workerfarm.cli.shared;

import dev.workerfarm.cli.input.Typed;
import dev.workerfarm.cli.output.Action;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.shared.SharedArray;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code producer array}: a shared array, read or changed in Redis. */
@Command(
        name = "array",
        customSynopsis = {
            "producer array NAME [get [I|I:J] | set I N... | add I N | add-all N |",
            "                fill LENGTH N | length | rm] [--type i|d] [--json]",
            "                [--timeout DURATION] [--quiet] [--verbose]"
        },
        description = "Reads or changes a shared array in Redis and prints what was read or set. No broker is needed.",
        footer = {
            "Operations:",
            "  get              all elements",
            "  get I            one; I counts from 0, a negative one from the end",
            "  get I:J          from I up to and without J, as in Python: -2: is the last two",
            "  set I N...       sets as many elements as there are numbers, from I on",
            "  add I N          adds to one element, in one atomic step",
            "  add-all N        adds to every element, all or none",
            "  fill LENGTH N    makes it, or makes it anew",
            "  length           how many elements; 0 where there is no array",
            "  rm               removes it and prints nothing; fails where there is none",
            "",
            "Prints one element a line, or with --json an array.",
            "",
            "Examples:",
            "  producer array a fill 4 0              four zeros",
            "  producer array a add-all 10",
            "  producer array a set -1 7",
            "  producer array a get 1:3 --json"
        })
public final class ArrayCommand implements Action {
    @Mixin
    private SharedOperation operation = new SharedOperation(
            "an array has get [I or I:J], set I N..., add I N, add-all N, fill LENGTH N, length and rm");

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "OPERATION",
            completionCandidates = Operations.class,
            description = "What to do, as listed below; get if nothing is said.")
    private List<String> words = List.of();

    @Override
    public int run(Console console) {
        return operation.run(console, words, (state, name) -> apply(state.array(name, operation.type)));
    }

    private @Nullable Object apply(SharedArray array) {
        return switch (operation.word()) {
            case "get" -> get(array, operation.operands(0, 1));
            case "set" -> set(array, operation.operands(2, Integer.MAX_VALUE));
            case "add" -> {
                var operands = operation.operands(2, 2);
                yield array.addAndGet(Typed.count("I", operands.get(0)), operation.number(operands.get(1)));
            }
            case "add-all" -> array.addToAllAndGet(operation.number());
            case "fill" -> fill(array, operation.operands(2, 2));
            case "length" -> {
                operation.operands(0, 0);
                yield array.length();
            }
            case "rm" -> operation.removed("array", array::delete);
            default -> throw operation.unknown();
        };
    }

    private static Object get(SharedArray array, List<String> operands) {
        if (operands.isEmpty()) {
            return array.toList();
        }
        var place = operands.get(0);
        if (place.contains(":")) {
            var slice = Slice.parse(place);
            return array.slice(slice.from(), slice.to());
        }
        return array.get(Typed.count("I", place));
    }

    private Object set(SharedArray array, List<String> operands) {
        var from = Typed.count("I", operands.get(0));
        var held = array.setAndGet(
                from, operands.stream().skip(1).map(operation::number).toList());
        return held.size() == 1 ? held.get(0) : held;
    }

    private Object fill(SharedArray array, List<String> operands) {
        var length = Typed.count("LENGTH", operands.get(0));
        var number = operation.number(operands.get(1));
        if (operation.type == null) {
            array.fill(length, number);
        } else {
            array.fill(length, operation.type, number);
        }
        return Collections.nCopies(length, number);
    }

    private static final class Operations extends ArrayList<String> {
        Operations() {
            super(List.of("get", "set", "add", "add-all", "fill", "length", "rm"));
        }
    }

    /** A part of an array as Python writes it, {@code a[from:to]}; {@link Integer#MAX_VALUE} is the array's end. */
    record Slice(int from, int to) {
        private static final Pattern FORM = Pattern.compile("(-?\\d+)?:(-?\\d+)?");

        /** Reads {@code I:J}, where either may be left out; an IllegalArgumentException if it has another form. */
        static Slice parse(String text) {
            var matcher = FORM.matcher(text);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("'" + text + "' is no slice: write I:J, I: or :J");
            }
            var from = matcher.group(1);
            var to = matcher.group(2);
            return new Slice(
                    from == null ? 0 : Typed.count("I", from), to == null ? Integer.MAX_VALUE : Typed.count("J", to));
        }
    }
}
