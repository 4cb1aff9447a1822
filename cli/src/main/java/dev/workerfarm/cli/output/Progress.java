package dev.workerfarm.cli.output;

import java.util.function.LongSupplier;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar on standard error where that is a terminal and a person may want one; else nothing at all. */
public final class Progress implements AutoCloseable {
    private static final int REFRESH_MILLIS = 250;
    private static final int WIDTH = 79;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final Console console;
    private final @Nullable ProgressBar bar;
    private long failed;

    /** @param total how many items, or -1: unknown; asked where a bar is shown */
    public Progress(Console console, CommonOptions options, String task, LongSupplier total) {
        this.console = console;
        this.bar = options.quiet || !console.hasTerminal()
                ? null
                : new ProgressBarBuilder()
                        .setTaskName(task)
                        .setInitialMax(total.getAsLong())
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(REFRESH_MILLIS)
                        .showSpeed()
                        .setConsumer(new DelegatingProgressBarConsumer(line -> draw(line.strip()), WIDTH))
                        .build();
    }

    private void draw(String line) {
        console.err().print(CLEAR_LINE + line);
        console.err().flush();
    }

    public void step(boolean succeeded) {
        if (bar != null) {
            bar.step();
            if (!succeeded) {
                bar.setExtraMessage(" " + ++failed + " failed");
            }
        }
    }

    /** Takes the bar off its line, so that other lines can be written there; it comes again by itself. */
    public void clear() {
        if (bar != null) {
            draw("");
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            console.err().println();
        }
    }
}
