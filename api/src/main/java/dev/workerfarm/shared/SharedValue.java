package dev.workerfarm.shared;

import dev.workerfarm.error.SharedStateException;

/**
 * A number in Redis that every process of the farm sees, after Python's {@code multiprocessing.Value}; unlike there,
 * {@link #add} is atomic without a lock. Threads may share it. Each operation is atomic, and nearly always one round
 * trip.
 *
 * <p>Numbers come out as {@link Long} (type i) or {@link Double} (type d). A number given is whole if its class is
 * ({@code Byte}, {@code Short}, {@code Integer}, {@code Long}, {@code BigInteger}, {@code AtomicInteger},
 * {@code AtomicLong}), else a fraction, also {@code 1.0}, as in Python ({@code Float}, {@code Double},
 * {@code BigDecimal}, the last rounded to a double). A whole number is welcome where the type is d; a fraction where it
 * is i is refused.
 *
 * <p>Every operation throws {@link SharedStateException}, and changes nothing, on overflow of 64
 * bits or a number that does not fit the type, and {@link dev.workerfarm.error.RedisUnreachableException} where Redis
 * is away.
 */
public interface SharedValue {
    String name();

    /** Makes the value, or sets it again, with this type and number, whatever was there. */
    void make(Typecode type, Number initial);

    /** The number; {@code 0L} where the value does not exist. */
    Number get();

    /** The number of a value of type i, as a primitive; refused where the type is d. */
    default long getLong() {
        var number = get();
        if (number instanceof Long whole) {
            return whole;
        }
        throw new SharedStateException(
                "value '" + name() + "' holds " + number + ", so it is of type d: read it with get()");
    }

    /**
     * Sets the number, and returns it as it is now held: a whole number set where the type is d is a double. A value that
     * does not exist is made, of type i for a whole number, else d.
     */
    Number setAndGet(Number number);

    /** Sets the number, as {@link #setAndGet}. */
    default void set(Number number) {
        setAndGet(number);
    }

    /** Adds, as Redis INCRBY does, and returns the new number. A value that does not exist counts as 0. */
    Number addAndGet(Number by);

    /** Adds. */
    default void add(Number by) {
        addAndGet(by);
    }

    /**
     * Sets the number to {@code update} if it is {@code expected} now; a value that does not exist counts as 0. Both must
     * fit the type, else the call is refused, equal or not. Doubles compare as {@code ==} does: NaN is never expected.
     *
     * @return whether it was, and so was set
     */
    boolean compareAndSet(Number expected, Number update);

    /** Removes the value; true if it was there. */
    boolean delete();
}
