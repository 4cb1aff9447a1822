package dev.workerfarm.testkit;

import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Square;
import java.util.Collections;

/** Takes so many results of 2 MB one by one, and after each waits for the workers; for a JVM with a small heap. */
public final class ImapOfLarge {
    private static final int CHARS = 2_000_000;

    private ImapOfLarge() {}

    /** Prints so many when all were right. */
    public static void main(String[] args) {
        var items = Collections.nCopies(Integer.parseInt(args[0]), CHARS);
        var n = 0;
        try (var pool = Pool.builder().environment(System.getenv()).connect();
                var results = pool.imap(Large.TYPE, items)) {
            for (var result : results) {
                pool.map(Square.TYPE, Collections.nCopies(4, 3)); // behind what the workers have to do
                if (result.length() != CHARS) {
                    throw new IllegalStateException("a result of " + result.length());
                }
                n++;
            }
        }
        System.out.println(n + " right");
    }
}
