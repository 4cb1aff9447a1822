package dev.workerfarm.wire;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A list of which most elements are made of a whole number each, and kept as these: 8 bytes an element, and no object until it is
 * asked for. Nobody changes it.
 *
 * @param <T> the elements
 */
public final class PackedList<T extends @Nullable Object> extends AbstractList<T> implements RandomAccess {
    private final long[] numbers;
    private final int size;
    private final Map<Integer, T> others;
    private final LongFunction<T> of;

    /** @param others the elements that are not made of a number, by their places, whose numbers count nothing */
    PackedList(long[] numbers, int size, Map<Integer, T> others, LongFunction<T> of) {
        this.numbers = numbers;
        this.size = size;
        this.others = others;
        this.of = of;
    }

    /** Whether the element at a place is made of {@link #number}. */
    public boolean isNumber(int place) {
        return others.isEmpty() || !others.containsKey(place);
    }

    public long number(int place) {
        Objects.checkIndex(place, size);
        return numbers[place];
    }

    /** Whether all elements are made of numbers. */
    public boolean isOfNumbers() {
        return others.isEmpty();
    }

    /** Copies the numbers from one place up to another to an array. */
    public void copy(int from, int to, long[] target, int at) {
        Objects.checkFromToIndex(from, to, size);
        System.arraycopy(numbers, from, target, at, to - from);
    }

    /** All numbers, of which those at the places of other elements count nothing. */
    public long[] numbers() {
        return Arrays.copyOf(numbers, size);
    }

    @Override
    @SuppressWarnings("NullAway") // null where an element is
    public T get(int place) {
        Objects.checkIndex(place, size);
        return isNumber(place) ? of.apply(numbers[place]) : others.get(place);
    }

    @Override
    public int size() {
        return size;
    }

    /**
     * Builds a list element by element. Belongs to one thread.
     *
     * @param <T> the elements
     */
    public static final class Builder<T extends @Nullable Object> {
        private static final int FIRST_SIZE = 16;

        private final Map<Integer, T> others = new HashMap<>();
        private long[] numbers;
        private int size;

        /** @param expected so many elements will come, or more or less */
        public Builder(int expected) {
            numbers = new long[Math.max(FIRST_SIZE, expected)];
        }

        public void addNumber(long number) {
            if (size == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * size);
            }
            numbers[size++] = number;
        }

        public void add(T other) {
            others.put(size, other);
            addNumber(0);
        }

        public int size() {
            return size;
        }

        /** The list; nothing may be added after. */
        public PackedList<T> build(LongFunction<T> of) {
            return new PackedList<>(numbers, size, others, of);
        }
    }
}
