package dev.workerfarm.redis.ledger;

import dev.workerfarm.redis.NumberText;
import dev.workerfarm.redis.Refusal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One number as a run sees it: the steps noted while Redis was not asked, or what it is since then. For one thread. */
final class JournalNumber {
    static final String ABSENT = ""; // what a value is where there is none

    /** {@code set}: whether the number is set, else it is added. */
    record Step(boolean set, NumberText number) {
        String applyTo(String held, String subject) {
            return set ? JournalNumber.set(held, number, subject) : add(held, number, subject);
        }
    }

    private final String subject;
    private final boolean isValue; // else an element, which is never absent
    final List<Step> steps = new ArrayList<>(1); // in order; adds in a row are one

    @Nullable
    String observed; // what Redis held; null: it was not asked

    @Nullable
    String current; // what it is now for this run; null: not known, see the steps

    JournalNumber(String subject, boolean isValue) {
        this.subject = subject;
        this.isValue = isValue;
    }

    /** Whether nothing but adds is noted, and it is not known. */
    boolean isSum() {
        return current == null && steps.stream().noneMatch(Step::set);
    }

    /** It is this now, whatever was noted; null: it is not known. */
    void become(@Nullable String text) {
        steps.clear();
        current = text;
    }

    /** Redis holds this; what it is now. */
    String observe(String held) {
        observed = held;
        var now = applyTo(held);
        become(now);
        return now;
    }

    void note(Step step) {
        if (current != null) {
            current = applied(current, step);
            return;
        }
        var together = steps.isEmpty() ? null : together(steps.get(steps.size() - 1), step);
        if (together != null) {
            steps.remove(steps.size() - 1);
        }
        steps.add(together == null ? step : together);
    }

    /** Two steps as one; null where they must stay two. */
    private static @Nullable Step together(Step one, Step next) {
        if (one.set() != next.set()) {
            return null;
        }
        if (next.set()) { // the first may say the type of a value that does not exist yet: it stays
            return one.number().type() == next.number().type() ? next : null;
        }
        var sum = sum(one.number(), next.number());
        return sum == null ? null : new Step(false, sum);
    }

    /** Writes the steps, or what it is, with the code for each, and the place of an element if it is one. */
    void write(TaskLedger.Arguments arguments, String set, String add, String becomes, String key, String... place) {
        if (current != null && !current.equals(observed)) {
            arguments.add(becomes, key, place);
            arguments.plain(current);
        }
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

    /** What it is now, known or where this is held. */
    String applyTo(String held) {
        if (current != null) {
            return current;
        }
        for (var step : steps) {
            held = applied(held, step);
        }
        return held;
    }

    private String applied(String held, Step step) {
        return isValue && held.equals(ABSENT) ? step.number().text() : step.applyTo(held, subject);
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
