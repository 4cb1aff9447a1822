package dev.workerfarm.testkit;

import dev.workerfarm.local.LocalFarm;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.UpdateValue;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/** A program that runs a farm in threads under one default locale after the other; its arguments are language tags. */
public final class LocaleFarms {
    private LocaleFarms() {}

    public static void main(String[] tags) {
        for (var tag : tags) {
            Locale.setDefault(Locale.forLanguageTag(tag));
            try (var farm = LocalFarm.builder().workers(1).inThreads().start()) {
                var numbers = LongStream.range(0, 100).boxed().toList();
                List<? extends Number> squares = farm.pool().map(Square.TYPE, numbers);
                var sum = squares.stream().mapToLong(Number::longValue).sum();
                var value = farm.pool().apply(UpdateValue.TYPE, "counter", 42);
                System.out.println(tag + " " + Long.toString(sum) + " " + value);
            }
            if (!Locale.getDefault().equals(Locale.forLanguageTag(tag))) {
                throw new IllegalStateException("the default locale is " + Locale.getDefault() + " now");
            }
        }
        System.exit(0);
    }
}
