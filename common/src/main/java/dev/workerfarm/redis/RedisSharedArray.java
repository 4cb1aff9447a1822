package dev.workerfarm.redis;

import dev.workerfarm.shared.SharedArray;
import dev.workerfarm.shared.Typecode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A {@link SharedArray} as a Redis list. */
public final class RedisSharedArray extends SharedNumbers implements SharedArray {
    private static final int MAX_LENGTH = 10_000_000;
    private static final Script MAKE = Script.named("array-make");
    private static final Script FILL = Script.named("array-fill");
    private static final Script GET = Script.named("array-get");
    private static final Script SET = Script.named("array-set");
    private static final Script ADD = Script.named("array-add");
    private static final Script ADD_TO_ALL = Script.named("array-add-to-all");
    private static final Script SLICE = Script.named("array-slice");

    RedisSharedArray(RedisConnection redis, SharedKeys keys, String name, @Nullable Typecode only) {
        super(redis, keys, keys.array(name), name, only);
    }

    @Override
    public void fill(int length, Typecode type, Number number) {
        var text = NumberText.of(number).as(type);
        checkLength(length);
        run(FILL, null, null, List.of(key), List.of(Integer.toString(length), text));
    }

    @Override
    public void make(List<? extends Number> elements) {
        checkLength(elements.size());
        run(MAKE, null, null, List.of(key), texts(elements));
    }

    @Override
    public Number get(int index) {
        var answer = run(GET, "index " + index, null, List.of(key), List.of(Integer.toString(index)));
        return Refusal.read(subject, answer.get(1));
    }

    @Override
    public void set(int from, List<? extends Number> numbers) {
        set(numbers.size() + " elements from index " + from, from, numbers);
    }

    @Override
    public List<Number> setAndGet(int from, List<? extends Number> numbers) {
        var place = numbers.size() == 1 ? "index " + from : numbers.size() + " elements from index " + from;
        var answer = set(place, from, numbers); // names no type where there are no numbers
        return numbers.stream()
                .map(number -> NumberText.held(number, answer.get(1)))
                .toList();
    }

    @Override
    public Number addAndGet(int index, Number by) {
        var text = NumberText.of(by).only(only);
        var arguments = List.of(Integer.toString(index), text.whole(), text.real());
        var answer = run(ADD, "index " + index, by, List.of(key), arguments);
        return Refusal.read(subject, answer.get(1));
    }

    @Override
    public List<Number> addToAllAndGet(Number by) {
        var text = NumberText.of(by).only(only);
        var answer = run(ADD_TO_ALL, null, by, List.of(key), List.of(text.whole(), text.real()));
        return numbers(answer.subList(1, answer.size()));
    }

    @Override
    public List<Number> slice(int from, int to) {
        var answer = run(SLICE, null, null, List.of(key), List.of(Integer.toString(from), Integer.toString(to)));
        return numbers(answer.subList(1, answer.size()));
    }

    @Override
    public List<Number> toList() {
        var texts = redis.call(subject, client -> client.lrange(key, 0, -1));
        if (texts.isEmpty()) {
            throw Refusal.absent(subject);
        }
        return numbers(texts);
    }

    @Override
    public int length() {
        return Math.toIntExact(redis.call(subject, client -> client.llen(key)));
    }

    @Override
    public boolean delete() {
        return redis.call(subject, client -> client.unlink(key)) > 0;
    }

    private List<?> set(String place, int from, List<? extends Number> numbers) {
        var arguments = new ArrayList<String>(1 + 2 * numbers.size());
        arguments.add(Integer.toString(from));
        Number fraction = null;
        for (Number number : numbers) {
            var text = NumberText.of(number).only(only);
            arguments.add(text.whole());
            arguments.add(text.real());
            if (fraction == null && text.type() == Typecode.D) {
                fraction = number;
            }
        }
        return run(SET, place, fraction, List.of(key), arguments);
    }

    private List<Number> numbers(List<?> texts) {
        return texts.stream().map(text -> Refusal.read(subject, text)).toList();
    }

    /** Elements as they are stored: of type i if all are whole numbers, else d. */
    public static List<String> texts(List<? extends Number> elements) {
        var texts = elements.stream().map(NumberText::of).toList();
        Typecode type = texts.stream().allMatch(text -> text.type() == Typecode.I) ? Typecode.I : Typecode.D;
        return texts.stream().map(text -> text.as(type)).toList();
    }

    public static void checkLength(int length) {
        if (length < 1 || length > MAX_LENGTH) {
            throw new IllegalArgumentException("an array has 1 to " + MAX_LENGTH + " elements, not " + length);
        }
    }
}
