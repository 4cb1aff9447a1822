package dev.workerfarm.redis.ledger;

import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.shared.SharedArray;
import dev.workerfarm.shared.SharedValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.UnifiedJedis;

/**
 * Shared state as one run of a task sees it. What the task does is noted here and takes effect in one step, when
 * {@link TaskLedger} commits it. A read sees the run's own notes over what Redis holds, which must still be so at the
 * commit, else the run is void. Belongs to one run, on one thread.
 *
 * <p>{@code add}, {@code set} and {@code addToAll} ask nothing of Redis: a run that does only those is
 * {@link #isWriteOnly() write-only} and can be committed together with others. What they are refused for (overflow, a
 * missing array, a fraction for whole numbers) is then found at the commit. What returns a number is a read.
 */
public final class Journal implements Ledger.Notes {
    public static final int MAX_TOUCHED = 10_000;

    private static final String BOUND = "a task may touch at most " + MAX_TOUCHED + " shared values and elements";

    /** How Redis is read: the caller waits here while it is away. */
    public interface Reader {
        <T extends @Nullable Object> T read(Supplier<T> question);
    }

    private final RedisSharedState redis;
    private final Reader reader;
    private final Map<String, JournalValue> values = new LinkedHashMap<>();
    private final Map<String, JournalArray> arrays = new LinkedHashMap<>();
    private int touched; // values and elements

    Journal(RedisSharedState redis, Reader reader) {
        this.redis = redis;
        this.reader = reader;
    }

    @Override
    public SharedValue value(String name) {
        var key = redis.keys().value(name);
        return values.computeIfAbsent(name, first -> new JournalValue(this, key, name));
    }

    @Override
    public SharedArray array(String name) {
        var key = redis.keys().array(name);
        return arrays.computeIfAbsent(name, first -> new JournalArray(this, key, name));
    }

    @Override
    public boolean isWriteOnly() {
        return values.values().stream().allMatch(JournalValue::isWriteOnly)
                && arrays.values().stream().allMatch(JournalArray::isWriteOnly);
    }

    /** Adds nothing where that would be too much, or needs Redis. */
    @Override
    public boolean absorb(Ledger.Notes others) {
        var later = (Journal) others;
        if (touched + later.touched > MAX_TOUCHED
                || later.arrays.entrySet().stream().anyMatch(entry -> {
                    var mine = arrays.get(entry.getKey());
                    return mine != null && !mine.canAbsorb(entry.getValue());
                })) {
            return false;
        }
        later.values.forEach((name, notes) -> ((JournalValue) value(name)).absorb(notes));
        later.arrays.forEach((name, notes) -> ((JournalArray) array(name)).absorb(notes));
        return true;
    }

    /** The keys and arguments of {@code commit.lua}. */
    void write(TaskLedger.Arguments arguments) {
        values.values().forEach(notes -> notes.write(arguments));
        arrays.values().forEach(notes -> notes.write(arguments));
    }

    /** Asks Redis with a command for what a run has not seen yet. */
    <T extends @Nullable Object> T ask(String subject, Function<UnifiedJedis, T> command) {
        return reader.read(() -> redis.connection().call(subject, command));
    }

    /** Counts what is touched for the first time. */
    void touch(int elements) {
        touched += elements;
        if (touched > MAX_TOUCHED) {
            throw new SharedStateException(BOUND + "; give each task a part of the work");
        }
    }

    static SharedStateException tooLong(String subject, Object length) {
        return new SharedStateException(subject + " has " + length + " elements; " + BOUND);
    }
}
