package dev.workerfarm.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A child's line to its parent: what it says goes to its standard output, a line each, and its standard input stays open
 * for as long as the parent lives. Threads may share it.
 */
final class ParentLink {
    /** The line that says: subscribed to every queue. */
    static final String READY = "READY";
    /** The line that says: subscribed no more; another READY follows when the broker is back. */
    static final String NOT_READY = "NOT_READY";

    private static final Logger LOG = LoggerFactory.getLogger(ParentLink.class);

    private final InputStream in;
    private final PrintStream out;

    ParentLink(InputStream in, PrintStream out) {
        this.in = in;
        this.out = out;
    }

    void ready() {
        say(READY);
    }

    void notReady() {
        say(NOT_READY);
    }

    /** Starts watching; {@code gone} runs once, on a thread of its own, when the parent is no more. */
    void watch(Runnable gone) {
        var thread = new Thread(
                () -> {
                    try {
                        while (in.read() >= 0) {
                            // the parent says nothing; its silence ends with it
                        }
                    } catch (IOException e) {
                        LOG.debug("standard input failed: the parent is gone", e);
                    }
                    gone.run();
                },
                "workerfarm-parent-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private synchronized void say(String line) {
        out.println(line);
        out.flush();
    }
}
