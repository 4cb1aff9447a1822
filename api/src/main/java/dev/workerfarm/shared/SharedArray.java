package dev.workerfarm.shared;

import java.math.BigDecimal;
import java.util.List;

/**
 * A list of numbers in Redis that every process of the farm sees, after Python's {@code multiprocessing.Array}. Threads
 * may share it. Each operation is one atomic round trip.
 *
 * <p>It is a Redis list: reaching one element costs time that grows with its distance from the nearer end (LINDEX and
 * LSET are O(n)), so it suits thousands of elements, not millions: Redis serves nobody else while it adds to all.
 *
 * <p>Numbers are {@link Long} (type i) or {@link Double} (type d), and whole or fractions, as in {@link SharedValue}.
 * Indexes count from 0; negative ones from the end, as in Python. Every operation throws
 * {@link dev.workerfarm.error.SharedStateException}, and changes nothing, on overflow, a number that does not fit the
 * type, an index out of range, or an array that does not exist.
 */
public interface SharedArray {
    String name();

    /**
     * Makes the array, or makes it anew, with {@code length} elements of {@code number}.
     *
     * @param length 1 to 10 000 000: Redis keeps no empty list
     * @throws IllegalArgumentException if the length is another
     */
    void fill(int length, Typecode type, Number number);

    /** As {@link #fill(int, Typecode, Number)}, of type i for a whole number, else d. */
    default void fill(int length, Number number) {
        var isReal = number instanceof Double || number instanceof Float || number instanceof BigDecimal;
        fill(length, isReal ? Typecode.D : Typecode.I, number);
    }

    /**
     * Makes the array, or makes it anew, with these elements: type i if all are whole numbers, else d.
     *
     * @throws IllegalArgumentException if there are none, or more than 10 000 000
     */
    void make(List<? extends Number> elements);

    /** The element at the index. */
    Number get(int index);

    /** Sets the element at the index. */
    default void set(int index, Number number) {
        setAndGet(index, List.of(number));
    }

    /**
     * Sets elements, as many as there are numbers and from the index on, all or none: Python's {@code a[i:j] = numbers} for
     * a slice of the same length. No numbers change nothing.
     */
    void set(int from, List<? extends Number> numbers);

    /** As {@link #set(int, List)}, and returns the numbers as they are now held, doubles where the type is d. */
    List<Number> setAndGet(int from, List<? extends Number> numbers);

    /** Adds to the element at the index and returns the new element. */
    Number addAndGet(int index, Number by);

    /** Adds to the element at the index. */
    default void add(int index, Number by) {
        addAndGet(index, by);
    }

    /** Adds to every element, all or none, and returns the new elements. */
    List<Number> addToAllAndGet(Number by);

    /** Adds to every element, all or none. */
    default void addToAll(Number by) {
        addToAllAndGet(by);
    }

    /**
     * The elements from {@code from} up to and without {@code to}, both as in Python's {@code a[from:to]}: clipped, never
     * out of range. {@code slice(-2, Integer.MAX_VALUE)} is {@code a[-2:]}. There is no step.
     */
    List<Number> slice(int from, int to);

    /** All elements. */
    List<Number> toList();

    /** How many elements; 0 where the array does not exist. */
    int length();

    /** Removes the array; true if it was there. */
    boolean delete();
}
