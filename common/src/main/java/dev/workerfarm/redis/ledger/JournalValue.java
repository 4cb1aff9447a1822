package dev.workerfarm.redis.ledger;

import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.redis.NumberText;
import dev.workerfarm.redis.Refusal;
import dev.workerfarm.redis.ledger.JournalNumber.Step;
import dev.workerfarm.shared.SharedValue;
import dev.workerfarm.shared.Typecode;
import org.jspecify.annotations.Nullable;

/** A shared value in a {@link Journal}: steps noted without asking, or what it is once read or made. For one thread. */
final class JournalValue implements SharedValue {
    private static final String ABSENT = "";

    private final Journal journal;
    private final String key;
    private final String name;
    private final String subject;
    private final JournalNumber noted = new JournalNumber();
    private boolean touched;
    private @Nullable String observed; // what Redis held, ABSENT for nothing; null: it was not asked
    private @Nullable String current; // what it is now for this run, ABSENT for nothing; null: not known, see noted

    JournalValue(Journal journal, String key, String name) {
        this.journal = journal;
        this.key = key;
        this.name = name;
        this.subject = "value '" + name + "'";
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void make(Typecode type, Number initial) {
        var text = NumberText.of(initial).as(type);
        touch();
        become(text);
    }

    @Override
    public Number get() {
        var text = know();
        return text.equals(ABSENT) ? (Number) 0L : Refusal.read(subject, text);
    }

    @Override
    public long getLong() {
        if (get() instanceof Long whole) {
            return whole;
        }
        throw new SharedStateException(subject + " holds " + current + ", so it is of type d: read it with get()");
    }

    @Override
    public void set(Number number) {
        note(new Step(true, NumberText.of(number)));
    }

    @Override
    public Number setAndGet(Number number) {
        set(number);
        return get();
    }

    @Override
    public void add(Number by) {
        note(new Step(false, NumberText.of(by)));
    }

    private void note(Step step) {
        touch();
        if (current == null) {
            noted.note(step);
        } else {
            current = applied(current, step);
        }
    }

    @Override
    public Number addAndGet(Number by) {
        var step = new Step(false, NumberText.of(by));
        current = applied(know(), step);
        return get();
    }

    @Override
    public boolean compareAndSet(Number expected, Number update) {
        var from = NumberText.of(expected);
        var to = NumberText.of(update);
        var held = know();
        if (held.equals(ABSENT)) {
            if (Double.parseDouble(from.real()) != 0) {
                return false;
            }
            current = to.text();
            return true;
        }
        var replaced = JournalNumber.set(held, to, subject);
        var wanted = JournalNumber.set(held, from, subject);
        var same = Refusal.read(subject, held) instanceof Long
                ? held.equals(wanted)
                : Double.parseDouble(held) == Double.parseDouble(wanted);
        if (same) {
            current = replaced;
        }
        return same;
    }

    @Override
    public boolean delete() {
        var was = know();
        current = ABSENT;
        return !was.equals(ABSENT);
    }

    boolean isWriteOnly() {
        return observed == null && current == null;
    }

    void absorb(JournalValue later) {
        touch();
        noted.absorb(later.noted);
    }

    void write(TaskLedger.Arguments arguments) {
        if (observed != null) {
            arguments.add("v", key, observed);
        }
        if (current == null) {
            noted.write(arguments, "T", "A", key);
        } else if (!current.equals(observed)) {
            arguments.add("S", key, current);
        }
    }

    private void touch() {
        if (!touched) {
            journal.touch(1);
            touched = true;
        }
    }

    private void become(String text) {
        noted.steps().clear();
        current = text;
    }

    private String know() {
        touch();
        var known = current;
        if (known == null) {
            var held = journal.<@Nullable String>ask(subject, client -> client.get(key));
            known = held == null ? ABSENT : held;
            observed = known;
            for (var step : noted.steps()) {
                known = applied(known, step);
            }
            become(known);
        }
        return known;
    }

    private String applied(String held, Step step) {
        return held.equals(ABSENT) ? step.number().text() : step.applyTo(held, subject);
    }
}
