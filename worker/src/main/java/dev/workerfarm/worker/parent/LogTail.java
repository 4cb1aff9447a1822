package dev.workerfarm.worker.parent;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last lines of a log. Threads may share it. */
final class LogTail {
    private static final int MAX_LINES = 40;
    private static final int MAX_LINE_CHARS = 500;

    @GuardedBy("this")
    private final Deque<String> lines = new ArrayDeque<>();

    synchronized void add(String line) {
        if (lines.size() == MAX_LINES) {
            lines.removeFirst();
        }
        lines.addLast(line.length() > MAX_LINE_CHARS ? line.substring(0, MAX_LINE_CHARS) : line);
    }

    synchronized List<String> lines() {
        return List.copyOf(lines);
    }
}
