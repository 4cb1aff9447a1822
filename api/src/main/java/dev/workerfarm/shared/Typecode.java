package dev.workerfarm.shared;

/**
 * What a shared value or array holds, fixed when it is made; named after the typecodes of Python's {@code array} module.
 * There {@code Value('i')} has 32 bits and wraps without a word; here it has 64 and overflow is an error.
 */
public enum Typecode {
    /** Whole numbers of 64 bits; overflow is an error and changes nothing. */
    I('i'),
    /** IEEE 754 doubles. */
    D('d');

    private final char letter;

    Typecode(char letter) {
        this.letter = letter;
    }

    /** The letter that Python uses for it. */
    public char letter() {
        return letter;
    }

    /**
     * The typecode of a letter of Python's: {@code i}, {@code l} and {@code q} are {@link #I}, {@code d} is {@link #D}.
     *
     * @throws IllegalArgumentException if it is another; the text says which to use. Python's unsigned and narrower types,
     *     {@code f} among them, are refused rather than widened: their numbers would wrap or round there and not here
     */
    public static Typecode of(String letter) {
        return switch (letter) {
            case "i", "l", "q" -> I;
            case "d" -> D;
            case "b", "B", "h", "H", "I", "L", "Q" ->
                throw new IllegalArgumentException(
                        "type " + letter + " is not kept here: use i, whole numbers of 64 bits with a sign");
            case "f" -> throw new IllegalArgumentException("type f is not kept here: use d, a double");
            default ->
                throw new IllegalArgumentException("a type is i (64-bit integer) or d (double), not '" + letter + "'");
        };
    }
}
