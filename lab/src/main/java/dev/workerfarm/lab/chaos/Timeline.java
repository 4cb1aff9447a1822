package dev.workerfarm.lab.chaos;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Prints what happens during a storm, and when, and on a terminal the progress behind. Threads may share it. */
final class Timeline {
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintStream out;
    private final boolean hasTerminal;
    private final long start = System.nanoTime();

    @GuardedBy("this")
    private String progress = "";

    Timeline(PrintStream out, boolean hasTerminal) {
        this.out = out;
        this.hasTerminal = hasTerminal;
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    void await(Duration at) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(at.minus(elapsed()).toNanos());
    }

    synchronized void say(String event) {
        clear();
        out.println(seconds(elapsed()) + "  " + event);
        draw();
    }

    synchronized void progress(String text) {
        clear();
        progress = text;
        draw();
    }

    /** As {@code "  12.3 s"}. */
    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%6.1f s", duration.toMillis() / 1000.0);
    }

    @GuardedBy("this")
    private void clear() {
        if (hasTerminal && !progress.isEmpty()) {
            out.print(CLEAR_LINE);
        }
    }

    @GuardedBy("this")
    private void draw() {
        if (hasTerminal && !progress.isEmpty()) {
            out.print(seconds(elapsed()) + "  " + progress);
            out.flush();
        }
    }
}
