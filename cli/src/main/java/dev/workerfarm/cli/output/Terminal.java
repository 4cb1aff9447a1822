package dev.workerfarm.cli.output;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells whether standard error is a terminal, which Java does not know: its console() is about the other two streams. */
public final class Terminal {
    /** 1: standard error is a terminal, 0: it is none, not set: see for yourself. */
    public static final String VARIABLE = "FARM_STDERR_TTY";

    private static final Path STDERR = Path.of("/proc/self/fd/2");

    private Terminal() {}

    public static boolean isStandardError() {
        try {
            var target = Files.readSymbolicLink(STDERR).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            return false; // not Linux: there the launcher says so by the variable
        }
    }
}
