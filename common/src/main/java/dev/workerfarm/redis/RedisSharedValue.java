package dev.workerfarm.redis;

import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.shared.SharedValue;
import dev.workerfarm.shared.Typecode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A {@link SharedValue} as a Redis string. */
final class RedisSharedValue extends SharedNumbers implements SharedValue {
    private static final Script ADD = Script.named("value-add");
    private static final Script SET = Script.named("value-set");
    private static final Script COMPARE_AND_SET = Script.named("value-compare-and-set");

    private volatile boolean probablyReal; // as when it was last added to; a wrong guess costs one round trip more

    RedisSharedValue(RedisConnection redis, SharedKeys keys, String name, @Nullable Typecode only) {
        super(redis, keys, keys.value(name), name, only);
    }

    @Override
    public void make(Typecode type, Number initial) {
        String text = NumberText.of(initial).as(type);
        redis.call(subject, client -> client.set(key, text));
    }

    @Override
    public Number get() {
        String text = redis.<@Nullable String>call(subject, client -> client.get(key));
        return text == null ? (Number) 0L : Refusal.read(subject, text);
    }

    @Override
    public Number setAndGet(Number number) {
        var text = NumberText.of(number).only(only);
        var answer = run(SET, null, number, List.of(key), List.of(text.whole(), text.real()));
        return NumberText.held(number, answer.get(1));
    }

    @Override
    public Number addAndGet(Number by) {
        var text = NumberText.of(by).only(only);
        if (text.type() == Typecode.I && !probablyReal) {
            try {
                long whole = by.longValue();
                return redis.call(subject, client -> client.incrBy(key, whole));
            } catch (SharedStateException e) {
                // INCRBY changed nothing: it overflows, or the value is of type d. The script knows.
            }
        }
        var answer = run(ADD, null, by, List.of(key), List.of(text.whole(), text.real()));
        Number sum = Refusal.read(subject, answer.get(1));
        probablyReal = sum instanceof Double;
        return sum;
    }

    @Override
    public boolean compareAndSet(Number expected, Number update) {
        var from = NumberText.of(expected);
        var to = NumberText.of(update).only(only);
        Number fraction = from.type() == Typecode.D ? expected : update;
        var arguments = List.of(from.whole(), from.real(), to.whole(), to.real());
        var answer = run(COMPARE_AND_SET, null, fraction, List.of(key), arguments);
        return answer.get(1).equals(1L);
    }

    @Override
    public boolean delete() {
        return redis.call(subject, client -> client.del(key)) > 0;
    }
}
