package dev.workerfarm.shared;

/** What a shared value or array holds, fixed when it is made; named after the typecodes of Python's {@code array} module. */
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
     * The typecode of a letter.
     *
     * @throws IllegalArgumentException if it is neither {@code i} nor {@code d}
     */
    public static Typecode of(String letter) {
        return switch (letter) {
            case "i" -> I;
            case "d" -> D;
            default ->
                throw new IllegalArgumentException("a type is i (64-bit integer) or d (double), not '" + letter + "'");
        };
    }
}
