package dev.workerfarm.testkit;

import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Square;
import java.math.BigInteger;
import java.util.stream.Stream;

/** Squares so many numbers of an endless stream and checks each; for a JVM with a small heap. */
public final class ImapOfMany {
    private ImapOfMany() {}

    /** Prints so many when all were right. */
    public static void main(String[] args) {
        var count = Long.parseLong(args[0]);
        try (var pool = Pool.builder().environment(System.getenv()).connect();
                var squares =
                        pool.imap(Square.TYPE, Stream.iterate(1L, n -> n + 1).limit(count)::iterator)) {
            var n = 0L;
            while (squares.hasNext()) {
                n++;
                var square = squares.next();
                if (!BigInteger.valueOf(n).pow(2).toString().equals(square.toString())) {
                    throw new IllegalStateException(n + " squared is not " + square);
                }
            }
            System.out.println(n + " right");
        }
    }
}
