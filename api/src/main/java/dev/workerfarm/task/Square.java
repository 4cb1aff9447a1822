package dev.workerfarm.task;

/**
 * The article's {@code square(n)}: {@code n ** 2}. Integers exactly, whatever their size, and decimals that no double
 * holds; floats as IEEE doubles.
 *
 * @param n a Long, BigInteger, Double or BigDecimal
 */
public record Square(Number n) {
    public static final TaskType<Square, Number> TYPE = TaskType.of("square", Square.class, Number.class);
}
