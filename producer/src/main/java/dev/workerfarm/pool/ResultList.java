package dev.workerfarm.pool;

import dev.workerfarm.wire.PackedList;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * The results of a map, in order: 8 bytes each while all are whole numbers, or all are fractions, objects from the first other
 * one on. May be changed as any list. Belongs to one thread.
 *
 * @param <R> the results
 */
final class ResultList<R extends @Nullable Object> extends AbstractList<R> implements RandomAccess {
    private static final int FIRST_SIZE = 16;

    /** The kind of all elements, Long or Double, in {@link #bits}; null: there is none yet. */
    private @Nullable Class<?> kind;

    private long[] bits;
    private int count;
    /** All elements, once they are not of one kind, or were changed. */
    private @Nullable List<R> objects;

    /** @param expected so many elements will come, or more or less */
    ResultList(long expected) {
        bits = new long[(int) Math.max(FIRST_SIZE, Math.min(expected, Integer.MAX_VALUE / 2))];
    }

    /** Adds an element for each number of a list that has nothing else. */
    @SuppressWarnings("unchecked") // the caller says that a whole number is a result
    void addNumbers(PackedList<?> list) {
        if (objects != null || kind == Double.class) {
            for (int i = 0; i < list.size(); i++) {
                add((R) (Long) list.number(i));
            }
            return;
        }
        kind = Long.class;
        makeRoom(list.size());
        list.copy(0, list.size(), bits, count);
        count += list.size();
        modCount++;
    }

    private void makeRoom(int more) {
        if (bits.length - count < more) {
            bits = Arrays.copyOf(bits, (int)
                    Math.max(count + (long) more, Math.min(2L * count, Integer.MAX_VALUE - 8)));
        }
    }

    @Override
    public void add(int index, R value) {
        modCount++;
        if (objects == null && index == count && isOfOneKindWith(value)) {
            makeRoom(1);
            bits[count++] = value instanceof Double fraction
                    ? Double.doubleToRawLongBits(fraction)
                    : (Long) Objects.requireNonNull(value);
        } else {
            objects().add(index, value);
        }
    }

    private boolean isOfOneKindWith(R value) {
        if (kind == null && (value instanceof Long || value instanceof Double)) {
            kind = value.getClass();
        }
        return value != null && value.getClass() == kind;
    }

    @Override
    @SuppressWarnings("unchecked") // as it came
    public R get(int index) {
        if (objects != null) {
            return objects.get(index);
        }
        Objects.checkIndex(index, count);
        return (R) (kind == Double.class ? (Object) Double.longBitsToDouble(bits[index]) : (Object) bits[index]);
    }

    @Override
    public R set(int index, R value) {
        return objects().set(index, value);
    }

    @Override
    public R remove(int index) {
        modCount++;
        return objects().remove(index);
    }

    @Override
    public int size() {
        return objects == null ? count : objects.size();
    }

    private List<R> objects() {
        if (objects == null) {
            List<R> all = new ArrayList<>(count + 1);
            for (int i = 0; i < count; i++) {
                all.add(get(i));
            }
            objects = all;
            bits = new long[0];
        }
        return objects;
    }
}
