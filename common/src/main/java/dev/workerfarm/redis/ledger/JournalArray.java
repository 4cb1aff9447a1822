package dev.workerfarm.redis.ledger;

import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.redis.NumberText;
import dev.workerfarm.redis.RedisSharedArray;
import dev.workerfarm.redis.Refusal;
import dev.workerfarm.redis.ledger.JournalNumber.Step;
import dev.workerfarm.shared.SharedArray;
import dev.workerfarm.shared.Typecode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A shared array in a {@link Journal}: steps noted without asking, or what was read or made. For one thread. */
final class JournalArray implements SharedArray {
    private final Journal journal;
    private final String key;
    private final String name;
    private final String subject;

    // What Redis held when it was asked; of an element, see there.
    private @Nullable List<String> observedWhole;
    private @Nullable Integer observedLength;

    // The whole as it is now, empty for no array; while that is null, the two others, numbers for all elements first.
    private @Nullable List<String> whole;
    private final JournalNumber toAll;
    private final Map<Integer, JournalNumber> elements = new LinkedHashMap<>();
    private int touchedAsWhole;

    JournalArray(Journal journal, String key, String name) {
        this.journal = journal;
        this.key = key;
        this.name = name;
        this.subject = "array '" + name + "'";
        this.toAll = new JournalNumber(subject, false);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void fill(int length, Typecode type, Number number) {
        var text = NumberText.of(number).as(type);
        RedisSharedArray.checkLength(length);
        checkBound(length);
        become(Collections.nCopies(length, text));
    }

    @Override
    public void make(List<? extends Number> elements) {
        RedisSharedArray.checkLength(elements.size());
        become(RedisSharedArray.texts(elements));
    }

    @Override
    public Number get(int index) {
        return Refusal.read(subject, know(place(index), index));
    }

    @Override
    public void set(int index, Number number) {
        set(index, List.of(number));
    }

    @Override
    public void set(int from, List<? extends Number> numbers) {
        if (numbers.isEmpty()) {
            return;
        }
        var texts = numbers.stream().map(NumberText::of).toList();
        var first = place(from);
        var all = whole;
        if (all != null && first + texts.size() > all.size()) {
            throw range(from, all.size());
        }
        // All or none: what is refused is found before anything is noted.
        for (int i = 0; i < texts.size(); i++) {
            var held = held(first + i);
            if (held != null) {
                JournalNumber.set(held, texts.get(i), subject);
            }
        }
        for (int i = 0; i < texts.size(); i++) {
            note(first + i, new Step(true, texts.get(i)));
        }
    }

    @Override
    public List<Number> setAndGet(int from, List<? extends Number> numbers) {
        set(from, numbers);
        return IntStream.range(0, numbers.size())
                .map(i -> place(from) + i)
                .mapToObj(place -> Refusal.read(subject, know(place, place)))
                .toList();
    }

    @Override
    public void add(int index, Number by) {
        var step = new Step(false, NumberText.of(by));
        note(place(index), step);
    }

    private void note(int place, Step step) {
        var all = whole;
        var held = held(place);
        if (all != null && held != null) {
            all.set(place, step.applyTo(held, subject));
        } else {
            element(place).note(step);
        }
    }

    @Override
    public Number addAndGet(int index, Number by) {
        get(index);
        add(index, by);
        return get(index);
    }

    @Override
    public void addToAll(Number by) {
        var text = NumberText.of(by);
        if (whole == null && isSums()) {
            noteToAll(new Step(false, text));
        } else {
            addToWhole(text);
        }
    }

    private void noteToAll(Step step) {
        if (toAll.steps.isEmpty()) {
            journal.touch(1); // the script knows how many there are, and refuses where they are too many
        }
        toAll.note(step);
    }

    @Override
    public List<Number> addToAllAndGet(Number by) {
        addToWhole(NumberText.of(by));
        return toList();
    }

    /** All or none. */
    private void addToWhole(NumberText by) {
        List<String> sums = new ArrayList<>(present());
        sums.replaceAll(held -> JournalNumber.add(held, by, subject));
        whole = sums;
    }

    /** The whole of an array that must exist. */
    private List<String> present() {
        var all = knowWhole();
        if (all.isEmpty()) {
            throw Refusal.absent(subject);
        }
        return all;
    }

    @Override
    public List<Number> slice(int from, int to) {
        var all = toList();
        var end = clip(to, all.size());
        return all.subList(Math.min(clip(from, all.size()), end), end);
    }

    @Override
    public List<Number> toList() {
        return present().stream().map(text -> Refusal.read(subject, text)).toList();
    }

    @Override
    public int length() {
        if (whole != null) {
            return whole.size();
        }
        if (observedLength == null) {
            journal.touch(1);
            observedLength = Math.toIntExact(journal.ask(subject, client -> client.llen(key)));
        }
        return observedLength;
    }

    @Override
    public boolean delete() {
        var was = length() > 0;
        become(List.of());
        return was;
    }

    /** Whether it was neither read nor made. */
    boolean isWriteOnly() {
        var isAsked = elements.values().stream().anyMatch(element -> element.observed != null);
        return !isAsked && observedWhole == null && observedLength == null && whole == null;
    }

    /** Whether a write-only one's notes can follow these without asking: numbers for all do not follow a set element. */
    boolean canAbsorb(JournalArray later) {
        return later.toAll.steps.isEmpty() || isSums();
    }

    /** Notes, in a write-only one, what another write-only one has noted later. */
    void absorb(JournalArray later) {
        later.toAll.steps.forEach(this::noteToAll);
        later.elements.forEach((place, element) -> element.steps.forEach(element(place)::note));
    }

    void write(TaskLedger.Arguments arguments) {
        elements.forEach((place, element) -> {
            if (element.observed != null) {
                arguments.add("c", key, place.toString(), element.observed);
            }
        });
        if (observedLength != null) {
            arguments.add("n", key, observedLength.toString());
        }
        if (observedWhole != null) {
            arguments.add("l", key, observedWhole);
        }
        if (whole != null) {
            writeWhole(arguments, whole);
            return;
        }
        toAll.write(arguments, "", "L", "", key);
        elements.forEach((place, element) -> element.write(arguments, "t", "a", "w", key, place.toString()));
    }

    /** A few changed elements are set one by one; else the list is made anew. */
    private void writeWhole(TaskLedger.Arguments arguments, List<String> now) {
        var before = observedWhole;
        if (now.equals(before)) {
            return;
        }
        if (now.isEmpty()) {
            arguments.add("D", key);
            return;
        }
        var changed = before == null || before.size() != now.size()
                ? List.<Integer>of()
                : IntStream.range(0, now.size())
                        .filter(i -> !now.get(i).equals(before.get(i)))
                        .boxed()
                        .toList();
        if (changed.isEmpty() || changed.size() > now.size() / 4) {
            arguments.add("M", key, now);
        } else {
            changed.forEach(place -> arguments.add("w", key, place.toString(), now.get(place)));
        }
    }

    private void become(List<String> texts) {
        journal.touch(Math.max(0, texts.size() - touchedAsWhole));
        touchedAsWhole = Math.max(touchedAsWhole, texts.size());
        toAll.become(null);
        elements.values().forEach(element -> element.become(null));
        whole = new ArrayList<>(texts);
    }

    private boolean isSums() {
        return elements.values().stream().allMatch(JournalNumber::isSum);
    }

    /** An index from 0; a negative one needs the length, so that it means the element that its positive one does. */
    private int place(int index) {
        if (index >= 0) {
            return index;
        }
        var length = length();
        if (index + length < 0) {
            throw range(index, length);
        }
        return index + length;
    }

    /** What an element is now; null where that is not known. */
    private @Nullable String held(int place) {
        var all = whole;
        if (all == null) {
            var element = elements.get(place);
            return element == null ? null : element.current;
        }
        if (place >= all.size()) {
            throw range(place, all.size());
        }
        return all.get(place);
    }

    private JournalNumber element(int place) {
        return elements.computeIfAbsent(place, first -> {
            journal.touch(1);
            return new JournalNumber(subject, false);
        });
    }

    /** What an element is now, asked for where it must be. */
    private String know(int place, int index) {
        if (whole == null && !toAll.steps.isEmpty()) {
            knowWhole();
        }
        var held = held(place);
        if (held != null) {
            return held;
        }
        var text = journal.<@Nullable String>ask(subject, client -> client.lindex(key, place));
        if (text == null) {
            throw range(index, length());
        }
        return element(place).observe(text);
    }

    private List<String> knowWhole() {
        var all = whole;
        if (all != null) {
            return all;
        }
        checkBound(journal.ask(subject, client -> client.llen(key)));
        var held = journal.ask(subject, client -> client.lrange(key, 0, -1));
        List<String> next = new ArrayList<>(held);
        var areNoted = elements.values().stream().anyMatch(element -> !element.steps.isEmpty());
        if (held.isEmpty() && (areNoted || !toAll.steps.isEmpty())) {
            throw Refusal.absent(subject);
        }
        next.replaceAll(toAll::applyTo);
        elements.forEach((place, element) -> {
            if (place < next.size()) {
                next.set(place, element.applyTo(next.get(place)));
            } else if (element.current == null) { // else the array is shorter by now, and the commit will see that
                throw range(place, next.size());
            }
        });
        observedWhole = List.copyOf(held);
        become(next);
        return next;
    }

    private void checkBound(long length) {
        if (length > Journal.MAX_TOUCHED) {
            throw Journal.tooLong(subject, length);
        }
    }

    private SharedStateException range(int index, int length) {
        return Refusal.of(subject, List.of("range", length), "index " + index, null, null);
    }

    private static int clip(int index, int length) {
        return Math.max(0, Math.min(index < 0 ? index + length : index, length));
    }
}
