package dev.workerfarm.redis.ledger;

import static dev.workerfarm.redis.ledger.JournalNumber.ABSENT;

import dev.workerfarm.redis.NumberText;
import dev.workerfarm.redis.Refusal;
import dev.workerfarm.redis.ledger.JournalNumber.Step;
import dev.workerfarm.shared.SharedValue;
import dev.workerfarm.shared.Typecode;
import org.jspecify.annotations.Nullable;

/** A shared value in a {@link Journal}: steps noted without asking, or what it is once read or made. For one thread. */
final class JournalValue implements SharedValue {
    private final Journal journal;
    private final String key;
    private final String name;
    private final String subject;
    private final JournalNumber number;
    private boolean touched;

    JournalValue(Journal journal, String key, String name) {
        this.journal = journal;
        this.key = key;
        this.name = name;
        this.subject = "value '" + name + "'";
        this.number = new JournalNumber(subject, true);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void make(Typecode type, Number initial) {
        var text = NumberText.of(initial).as(type);
        touch();
        number.become(text);
    }

    @Override
    public Number get() {
        var text = know();
        return text.equals(ABSENT) ? (Number) 0L : Refusal.read(subject, text);
    }

    @Override
    public void set(Number update) {
        note(new Step(true, NumberText.of(update)));
    }

    @Override
    public Number setAndGet(Number update) {
        set(update);
        return get();
    }

    @Override
    public void add(Number by) {
        note(new Step(false, NumberText.of(by)));
    }

    private void note(Step step) {
        touch();
        number.note(step);
    }

    @Override
    public Number addAndGet(Number by) {
        var step = new Step(false, NumberText.of(by));
        know();
        number.note(step);
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
            number.become(to.text());
            return true;
        }
        var replaced = JournalNumber.set(held, to, subject);
        var wanted = JournalNumber.set(held, from, subject);
        var same = Refusal.read(subject, held) instanceof Long
                ? held.equals(wanted)
                : Double.parseDouble(held) == Double.parseDouble(wanted);
        if (same) {
            number.become(replaced);
        }
        return same;
    }

    @Override
    public boolean delete() {
        var was = know();
        number.become(ABSENT);
        return !was.equals(ABSENT);
    }

    boolean isWriteOnly() {
        return number.observed == null && number.current == null;
    }

    void absorb(JournalValue later) {
        touch();
        later.number.steps.forEach(number::note);
    }

    void write(TaskLedger.Arguments arguments) {
        if (number.observed != null) {
            arguments.add("v", key, number.observed);
        }
        number.write(arguments, "T", "A", "S", key);
    }

    private void touch() {
        if (!touched) {
            journal.touch(1);
            touched = true;
        }
    }

    private String know() {
        touch();
        if (number.current != null) {
            return number.current;
        }
        var held = journal.<@Nullable String>ask(subject, client -> client.get(key));
        return number.observe(held == null ? ABSENT : held);
    }
}
