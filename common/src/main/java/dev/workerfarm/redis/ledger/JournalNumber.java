package dev.workerfarm.redis.ledger;

import dev.workerfarm.redis.NumberText;
import dev.workerfarm.redis.Refusal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is noted about one number of which Redis was not asked, in order; adds in a row become one. For one thread. */
final class JournalNumber {
    /** {@code set}: whether the number is set, else it is added. */
    record Step(boolean set, NumberText number) {
        String applyTo(String held, String subject) {
            return set ? JournalNumber.set(held, number, subject) : add(held, number, subject);
        }
    }

    private final List<Step> steps = new ArrayList<>(1);

    List<Step> steps() {
        return steps;
    }

    /** Whether nothing but adds is noted. */
    boolean isSum() {
        return steps.stream().noneMatch(Step::set);
    }

    void add(NumberText by) {
        var last = steps.isEmpty() ? null : steps.get(steps.size() - 1);
        var sum = last == null || last.set() ? null : sum(last.number(), by);
        if (sum != null) {
            steps.remove(steps.size() - 1);
        }
        steps.add(new Step(false, sum == null ? by : sum));
    }

    void set(NumberText number) {
        // What was noted before may say the type of a value that does not exist yet: it stays.
        var last = steps.isEmpty() ? null : steps.get(steps.size() - 1);
        if (last != null && last.set() && last.number().type() == number.type()) {
            steps.remove(steps.size() - 1);
        }
        steps.add(new Step(true, number));
    }

    void note(Step step) {
        if (step.set()) {
            set(step.number());
        } else {
            add(step.number());
        }
    }

    void absorb(JournalNumber later) {
        later.steps.forEach(this::note);
    }

    /** Writes each step with the code of its kind, and the place of an element if it is one. */
    void write(TaskLedger.Arguments arguments, String set, String add, String key, String... place) {
        for (var step : steps) {
            arguments.add(step.set() ? set : add, key, place);
            arguments.plain(step.number().whole(), step.number().real());
        }
    }

    /** Null where two whole numbers together do not fit into 64 bits: their sums with what is held might. */
    private static @Nullable NumberText sum(NumberText one, NumberText other) {
        if (one.whole().isEmpty() || other.whole().isEmpty()) {
            return NumberText.of(Double.parseDouble(one.real()) + Double.parseDouble(other.real()));
        }
        var sum = new BigInteger(one.whole()).add(new BigInteger(other.whole()));
        return sum.bitLength() > 63 ? null : NumberText.of(sum);
    }

    /** What the steps make of a number that is held. */
    String applyTo(String held, String subject) {
        for (var step : steps) {
            held = step.applyTo(held, subject);
        }
        return held;
    }

    /** The sum as {@code add} in {@code numbers.lua} stores it; refused on overflow, or for a fraction in type i. */
    static String add(String held, NumberText by, String subject) {
        if (Refusal.read(subject, held) instanceof Long whole) {
            if (by.whole().isEmpty()) {
                throw Refusal.of(subject, List.of("fraction", held), null, Double.valueOf(by.real()), null);
            }
            try {
                return Long.toString(Math.addExact(whole, Long.parseLong(by.whole())));
            } catch (ArithmeticException e) {
                throw Refusal.of(subject, List.of("overflow", held), null, Long.valueOf(by.whole()), null);
            }
        }
        return Double.toString(Double.parseDouble(held) + Double.parseDouble(by.real()));
    }

    /** The number as it is stored where {@code held} was, as {@code as} in {@code numbers.lua}. */
    static String set(String held, NumberText number, String subject) {
        if (Refusal.read(subject, held) instanceof Double) {
            return number.real();
        }
        if (number.whole().isEmpty()) {
            throw Refusal.of(subject, List.of("fraction", held), null, Double.valueOf(number.real()), null);
        }
        return number.whole();
    }
}
