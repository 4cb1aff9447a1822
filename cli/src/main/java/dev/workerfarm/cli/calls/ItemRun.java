package dev.workerfarm.cli.calls;

import dev.workerfarm.cli.output.CommonOptions;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.cli.output.Progress;
import dev.workerfarm.cli.output.ResultPrinter;
import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.ItemOutcome;
import dev.workerfarm.pool.NamedCall;
import dev.workerfarm.pool.map.Incoming;
import java.util.AbstractCollection;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Runs the items of a list through the pool and prints each one's outcome, in their order. Holds a window of them only. */
record ItemRun(Console console, CommonOptions options, String task, ResultPrinter printer) {
    private static final int UNCONFIRMED = 512;

    /** @param text how a value is shown where JSON was not asked for */
    ItemRun(Console console, CommonOptions options, String task, Function<@Nullable Object, String> text) {
        this(console, options, task, new ResultPrinter(console, options, text));
    }

    /**
     * Runs them; the exit code. {@code how} adds what the common options do not say; {@code subject}, called once an item in
     * their order, is what a failure's line names besides the index, or an empty text.
     */
    int run(Items items, UnaryOperator<NamedCall> how, Supplier<String> subject) {
        try (var session = new PoolSession(console)) {
            var call = how.apply(session.call(task, console, options));
            if (options.detach) {
                return publish(call.storing(), items);
            }
            try (var outcomes = call.starOutcomes(items.asInput());
                    var progress = new Progress(console, options, task, items.total())) {
                printer.beforeOutput(progress::clear);
                var code = ExitCode.OK;
                while (true) {
                    if (!outcomes.isReady()) {
                        printer.flush();
                    }
                    if (!outcomes.hasNext()) {
                        printer.flush(); // before the bar's last look
                        return code;
                    }
                    var succeeded = print(outcomes.next(), subject.get());
                    progress.step(succeeded);
                    code = succeeded ? code : ExitCode.FAILED;
                }
            } finally {
                printer.flush();
            }
        }
    }

    private boolean print(ItemOutcome<?> item, String subject) {
        var failure = item.failure();
        if (failure == null) {
            printer.succeeded(item.index(), item.id(), item.value());
            return true;
        }
        var plain = "item " + item.index() + ": " + failure.type() + ": " + failure.text()
                + (failure.text().contains(subject) ? "" : " (" + subject + ")");
        printer.failed(item.index(), item.id(), failure.type(), failure.text(), plain, failure.stack());
        return false;
    }

    private int publish(NamedCall call, Items items) {
        Deque<AsyncResult<String>> unconfirmed = new ArrayDeque<>();
        var index = 0L;
        while (true) {
            if (unconfirmed.size() < UNCONFIRMED && (unconfirmed.isEmpty() || items.isReady()) && items.hasNext()) {
                unconfirmed.add(call.publish(items.next().toArray()));
            } else if (!unconfirmed.isEmpty()) {
                printer.published(index++, unconfirmed.remove().get(options.publishTimeout()));
            } else {
                return ExitCode.OK;
            }
            if (unconfirmed.isEmpty()) {
                printer.flush();
            }
        }
    }

    /** The argument lists of so many items, or -1: unknown, made of texts as they come. Belongs to one thread. */
    record Items(Incoming<String> texts, Function<String, List<?>> parse, long total) implements Incoming<List<?>> {
        @Override
        public boolean isReady() {
            return texts.isReady();
        }

        @Override
        public boolean hasNext() {
            return texts.hasNext();
        }

        @Override
        public List<?> next() {
            return parse.apply(texts.next());
        }

        /** The items as a map takes them: a collection where their number is known, so that the map knows it too. */
        Iterable<List<?>> asInput() {
            if (total < 0) {
                return () -> this;
            }
            return new AbstractCollection<>() {
                @Override
                public Iterator<List<?>> iterator() {
                    return Items.this;
                }

                @Override
                public int size() {
                    return Math.toIntExact(total);
                }
            };
        }
    }
}
