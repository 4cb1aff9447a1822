package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.config.TlsSettings;
import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.shared.SharedArray;
import dev.workerfarm.shared.SharedValue;
import dev.workerfarm.shared.Typecode;
import dev.workerfarm.testkit.Services;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.ClientKillParams;
import redis.clients.jedis.params.ScanParams;

class SharedStateIT {
    private static final RedisAddress ADDRESS =
            RedisAddress.parse(Services.shared().redisUrl());

    /** Someone else with a client of his own, as redis-cli is. */
    private static Jedis someone;

    private String namespace;
    private RedisSharedState state;
    private SharedValue value;
    private SharedArray array;

    @BeforeAll
    static void connect() {
        someone = new Jedis(
                new HostAndPort(ADDRESS.host(), ADDRESS.port()),
                DefaultJedisClientConfig.builder()
                        .resp2()
                        .autoNegotiateProtocol(false)
                        .user(ADDRESS.user())
                        .password(ADDRESS.password())
                        .database(ADDRESS.database())
                        .build());
    }

    @AfterAll
    static void disconnect() {
        someone.close();
    }

    @BeforeEach
    void open(TestInfo test) {
        namespace = "SharedStateIT." + test.getTestMethod().orElseThrow().getName();
        deleteKeys();
        state = RedisSharedState.open(ADDRESS, namespace);
        value = state.value("v");
        array = state.array("a");
    }

    @AfterEach
    void close() {
        state.close();
        assertThat(keys()).as("scratch keys left behind").noneMatch(key -> key.contains(":scratch:"));
        deleteKeys();
    }

    // Values

    @Test
    void countsExactlyWhereFourThreadsAdd() throws Exception {
        value.make(Typecode.I, 0);
        array.fill(3, 0);
        var threads = Executors.newFixedThreadPool(4);
        try {
            var ends = new ArrayList<Future<?>>();
            for (int t = 0; t < 4; t++) {
                ends.add(threads.submit(() -> {
                    for (int i = 0; i < 1000; i++) {
                        state.value("v").add(1);
                        state.array("a").add(1, 2);
                    }
                }));
            }
            for (var end : ends) {
                end.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(value.get()).isEqualTo(4000L);
        assertThat(array.toList()).isEqualTo(List.of(0L, 8000L, 0L));
    }

    @Test
    void takesAValueThatDoesNotExistForZero() {
        assertThat(value.get()).isEqualTo(0L);
        assertThat(value.getLong()).isZero();
        assertThat(value.delete()).isFalse();
        assertThat(value.addAndGet(5)).isEqualTo(5L);
        assertThat(value.delete()).isTrue();
        assertThat(value.addAndGet(0.5)).isEqualTo(0.5);
        assertThat(value.delete()).isTrue();
        value.set(7);
        assertThat(value.get()).isEqualTo(7L);
        assertThat(value.delete()).isTrue();
        value.set(7.0);
        assertThat(value.get()).isEqualTo(7.0);
    }

    @Test
    void storesWhatRedisCliReadsAndCounts() {
        value.set(5);
        assertThat(someone.get("{" + namespace + "}:value:v")).isEqualTo("5");
        someone.incr("{" + namespace + "}:value:v");
        assertThat(value.getLong()).isEqualTo(6);
        array.make(List.of(1, 2.5));
        assertThat(someone.lrange("{" + namespace + "}:array:a", 0, -1)).containsExactly("1.0", "2.5");
    }

    @Test
    void refusesToLeave64BitsAndChangesNothing() {
        value.set(Long.MAX_VALUE);
        assertThatRefused(() -> value.add(1))
                .hasMessage("value 'v' holds 9223372036854775807: adding 1 overflows 64 bits; nothing was changed");
        assertThat(value.getLong()).isEqualTo(Long.MAX_VALUE);
        assertThat(value.addAndGet(Long.MIN_VALUE)).isEqualTo(-1L);
        assertThatRefused(() -> value.add(Long.MIN_VALUE)).hasMessageContaining("overflows 64 bits");
        assertThat(value.getLong()).isEqualTo(-1);
        assertThatRefused(() -> value.add(BigInteger.ONE.shiftLeft(63))).hasMessageContaining("64 bits");
        assertThatRefused(() -> value.set(BigInteger.ONE.shiftLeft(63))).hasMessageContaining("64 bits");
        assertThat(value.getLong()).isEqualTo(-1);
    }

    @Test
    void isExactBeyondWhatADoubleHolds() {
        value.set(9_007_199_254_740_993L);
        assertThat(value.addAndGet(1)).isEqualTo(9_007_199_254_740_994L);
        array.make(List.of(9_007_199_254_740_993L, -9_007_199_254_740_993L, 1, Long.MAX_VALUE - 1));
        assertThat(array.addToAllAndGet(1))
                .isEqualTo(List.of(9_007_199_254_740_994L, -9_007_199_254_740_992L, 2L, Long.MAX_VALUE))
                .isEqualTo(array.toList());
        assertThat(array.addAndGet(0, -1)).isEqualTo(9_007_199_254_740_993L);
        array.set(1, Long.MIN_VALUE);
        assertThat(array.get(1)).isEqualTo(Long.MIN_VALUE);
        assertThat(array.addAndGet(2, 999_999_999_999_998L)).isEqualTo(1_000_000_000_000_000L);
        assertThat(array.addAndGet(2, 1)).isEqualTo(1_000_000_000_000_001L);
    }

    @Test
    void addsRandomWholeNumbersAsJavaDoes() {
        var random = new Random(1);
        for (int i = 0; i < 300; i++) {
            long held = random.nextLong() >> random.nextInt(64);
            long by = random.nextLong() >> random.nextInt(64);
            array.make(List.of(held));
            var sum = BigInteger.valueOf(held).add(BigInteger.valueOf(by));
            if (sum.bitLength() > 63) {
                assertThatRefused(() -> array.addToAll(by)).hasMessageContaining("overflows");
                assertThat(array.get(0)).isEqualTo(held);
            } else {
                assertThat(array.addAndGet(0, by)).isEqualTo(sum.longValue());
            }
        }
    }

    @Test
    void addsDoublesAsJavaDoes() {
        value.make(Typecode.D, 0.1);
        assertThat(value.addAndGet(0.2)).isEqualTo(0.1 + 0.2);
        var random = new Random(2);
        for (int i = 0; i < 300; i++) {
            double held = Double.longBitsToDouble(random.nextLong());
            double by = i % 2 == 0 ? Double.longBitsToDouble(random.nextLong()) : held * random.nextDouble();
            array.make(List.of(held));
            assertThat(array.addAndGet(0, by)).isEqualTo(held + by);
            assertThat(array.addToAllAndGet(-by)).isEqualTo(List.of(held + by - by));
        }
    }

    @Test
    void keepsADoubleADoubleWhateverIsAdded() {
        value.make(Typecode.D, 1);
        assertThat(someone.get("{" + namespace + "}:value:v")).isEqualTo("1.0");
        assertThat(value.addAndGet(2)).isEqualTo(3.0);
        assertThat(value.addAndGet(2)).isEqualTo(5.0);
        assertThat(state.value("v").addAndGet(-5)).isEqualTo(0.0);
        value.set(4);
        assertThat(value.get()).isEqualTo(4.0);
        assertThat(value.addAndGet(1e20)).isEqualTo(1e20);
        assertThat(value.addAndGet(1)).isEqualTo(1e20);
        value.set(Double.POSITIVE_INFINITY);
        assertThat(value.addAndGet(1)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(value.addAndGet(Double.NEGATIVE_INFINITY)).isEqualTo(Double.NaN);
        value.set(Double.MIN_VALUE);
        assertThat(value.addAndGet(Double.MIN_VALUE)).isEqualTo(2 * Double.MIN_VALUE);
        assertThatRefused(() -> value.getLong()).hasMessageContaining("type d");
        value.make(Typecode.I, 4);
        assertThat(value.addAndGet(1)).isEqualTo(5L);
    }

    @Test
    void keepsInfinitiesAndNaNAsDoublesDo() {
        List<Number> odd =
                List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0, Double.MAX_VALUE);
        array.make(odd);
        assertThat(array.toList()).isEqualTo(odd);
        assertThat(array.addToAllAndGet(Double.POSITIVE_INFINITY))
                .isEqualTo(List.of(
                        Double.NaN,
                        Double.POSITIVE_INFINITY,
                        Double.NaN,
                        Double.POSITIVE_INFINITY,
                        Double.POSITIVE_INFINITY));
        array.set(1, odd.subList(0, 2));
        assertThat(array.slice(1, 3)).isEqualTo(odd.subList(0, 2));
        value.make(Typecode.D, Double.NaN);
        assertThat(value.compareAndSet(Double.NaN, 1)).isFalse();
        assertThat(value.addAndGet(1)).isEqualTo(Double.NaN);
        value.make(Typecode.D, Double.MAX_VALUE);
        assertThat(value.addAndGet(Double.MAX_VALUE)).isEqualTo(Double.POSITIVE_INFINITY);
        value.make(Typecode.D, -0.0);
        assertThat(value.get()).isEqualTo(-0.0);
        assertThat(value.compareAndSet(0, 1)).isTrue();
        value.make(Typecode.I, 0);
        assertThatRefused(() -> value.set(Double.NaN)).hasMessageContaining("not NaN");
    }

    @Test
    void refusesToChangeWhatIsOfAnotherTypeThanWanted() {
        var whole = state.value("v", Typecode.I);
        var real = state.value("v", Typecode.D);
        value.make(Typecode.D, 1.5);
        for (var change :
                List.<ThrowingCallable>of(() -> whole.add(1), () -> whole.set(1), () -> whole.compareAndSet(1.5, 1))) {
            assertThatRefused(change).hasMessage("value 'v' holds 1.5, so it is of type d, not i; nothing was changed");
        }
        assertThat(real.compareAndSet(1.5, 2)).isTrue();
        assertThat(real.addAndGet(1)).isEqualTo(3.0);

        whole.make(Typecode.I, 1);
        for (var change :
                List.<ThrowingCallable>of(() -> real.add(1), () -> real.set(0.5), () -> real.compareAndSet(1, 2))) {
            assertThatRefused(change).hasMessage("value 'v' holds 1, so it is of type i, not d; nothing was changed");
        }
        assertThat(whole.compareAndSet(1, 2)).isTrue();
        assertThat(whole.addAndGet(1)).isEqualTo(3L);
        assertThatRefused(() -> whole.add(0.5)).hasMessageContaining("type i holds whole numbers");

        value.delete();
        assertThat(real.setAndGet(1)).isEqualTo(1.0);
        value.delete();
        assertThat(whole.compareAndSet(0, 1)).isTrue();
        assertThat(value.get()).isEqualTo(1L);
    }

    @Test
    void refusesAFractionWhereTheTypeIsI() {
        value.set(5);
        assertThatRefused(() -> value.add(0.5))
                .hasMessage("value 'v' holds 5, so it is of type i and takes whole numbers, not 0.5;"
                        + " make it of type d for fractions");
        assertThatRefused(() -> value.add(1.0)).hasMessageContaining("not 1.0");
        assertThatRefused(() -> value.set(2.5)).hasMessageContaining("not 2.5");
        assertThatRefused(() -> value.compareAndSet(5, 2.5)).hasMessageContaining("not 2.5");
        assertThatRefused(() -> value.compareAndSet(6, 2.5)).hasMessageContaining("not 2.5");
        assertThatRefused(() -> value.compareAndSet(5.5, 2)).hasMessageContaining("not 5.5");
        assertThatRefused(() -> value.make(Typecode.I, 0.5)).hasMessageContaining("not 0.5");
        assertThat(value.get()).isEqualTo(5L);
        array.make(List.of(1, 2));
        assertThatRefused(() -> array.add(0, 0.5)).hasMessageContaining("array 'a'");
        assertThatRefused(() -> array.set(0, 0.5)).hasMessageContaining("not 0.5");
        assertThatRefused(() -> array.addToAll(0.5)).hasMessageContaining("not 0.5");
        assertThatRefused(() -> array.fill(2, Typecode.I, 0.5)).hasMessageContaining("not 0.5");
        assertThat(array.toList()).isEqualTo(List.of(1L, 2L));
    }

    @Test
    void comparesAndSets() {
        assertThat(value.compareAndSet(1, 2)).isFalse();
        assertThat(value.delete()).isFalse();
        assertThat(value.compareAndSet(0, 2)).isTrue();
        assertThat(value.compareAndSet(0, 3)).isFalse();
        assertThat(value.compareAndSet(2, Long.MAX_VALUE)).isTrue();
        assertThat(value.compareAndSet(Long.MAX_VALUE - 1, 3)).isFalse();
        assertThat(value.get()).isEqualTo(Long.MAX_VALUE);
        value.make(Typecode.D, 2);
        assertThat(value.compareAndSet(2, 3)).isTrue();
        assertThat(value.get()).isEqualTo(3.0);
        assertThat(value.compareAndSet(3.0, 0.25)).isTrue();
        assertThat(value.compareAndSet(0.5, 1)).isFalse();
        assertThat(value.get()).isEqualTo(0.25);
        assertThat(value.delete()).isTrue();
        assertThat(value.compareAndSet(0, 0.5)).isTrue();
        assertThat(value.get()).isEqualTo(0.5);
    }

    @Test
    void countsExactlyWhereFourThreadsCompareAndSet() throws Exception {
        var threads = Executors.newFixedThreadPool(4);
        try {
            Callable<Integer> hundred = () -> {
                int sets = 0;
                while (sets < 100) {
                    long held = value.getLong();
                    sets += value.compareAndSet(held, held + 1) ? 1 : 0;
                }
                return sets;
            };
            for (var end : threads.invokeAll(Collections.nCopies(4, hundred))) {
                end.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(value.getLong()).isEqualTo(400);
    }

    // Arrays

    @Test
    void leavesEveryElementWhereOneOverflows() {
        var numbers = new ArrayList<Number>(Collections.nCopies(2500, 7L));
        numbers.set(1300, Long.MAX_VALUE - 4);
        array.make(numbers);
        assertThatRefused(() -> array.addToAll(5))
                .hasMessage("array 'a' holds 9223372036854775803: adding 5 overflows 64 bits; nothing was changed");
        assertThat(array.toList()).isEqualTo(numbers);
        assertThatRefused(() -> array.add(1300, 5)).hasMessageContaining("overflows");
        assertThat(array.toList()).isEqualTo(numbers);
        assertThat(array.addToAllAndGet(4).get(1300)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void addsToAllOf20000Elements() {
        List<Long> numbers = LongStream.range(0, 20_000).boxed().toList();
        array.make(numbers);
        assertThat(array.length()).isEqualTo(20_000);
        List<Number> sums = array.addToAllAndGet(3);
        assertThat(sums).hasSize(20_000).isEqualTo(array.toList());
        assertThat(sums).isEqualTo(numbers.stream().map(number -> number + 3).toList());
    }

    @Test
    void countsIndexesFromEitherEnd() {
        array.make(List.of(10, 20, 30));
        assertThat(array.get(0)).isEqualTo(10L);
        assertThat(array.get(-1)).isEqualTo(30L);
        assertThat(array.get(-3)).isEqualTo(10L);
        assertThat(array.addAndGet(-2, 5)).isEqualTo(25L);
        array.set(-1, 31);
        assertThat(array.toList()).isEqualTo(List.of(10L, 25L, 31L));
    }

    @Test
    void refusesAnIndexOutOfRange() {
        array.fill(4, 1);
        assertThatRefused(() -> array.get(7)).hasMessage("index 7 out of range for array 'a' of length 4");
        assertThatRefused(() -> array.get(-5)).hasMessage("index -5 out of range for array 'a' of length 4");
        assertThatRefused(() -> array.set(4, 1)).hasMessage("index 4 out of range for array 'a' of length 4");
        assertThatRefused(() -> array.add(4, 1)).hasMessage("index 4 out of range for array 'a' of length 4");
        assertThatRefused(() -> array.get(Integer.MIN_VALUE)).hasMessageContaining("out of range");
        assertThat(array.toList()).isEqualTo(List.of(1L, 1L, 1L, 1L));
    }

    @Test
    void refusesAnArrayThatDoesNotExist() {
        String text = "array 'a' does not exist: make it first (fill)";
        assertThatRefused(() -> array.get(0)).hasMessage(text);
        assertThatRefused(() -> array.set(0, 1)).hasMessage(text);
        assertThatRefused(() -> array.set(0, List.of(1, 2))).hasMessage(text);
        assertThatRefused(() -> array.add(-1, 1)).hasMessage(text);
        assertThatRefused(() -> array.addToAll(1)).hasMessage(text);
        assertThatRefused(() -> array.slice(0, 0)).hasMessage(text);
        assertThatRefused(() -> array.toList()).hasMessage(text);
        assertThat(array.length()).isZero();
        assertThat(array.delete()).isFalse();
    }

    @Test
    void makesAnArrayAnewInPlaceOfTheOld() {
        array.fill(5000, Typecode.D, 1);
        assertThat(array.length()).isEqualTo(5000);
        assertThat(array.slice(-2, 5000)).isEqualTo(List.of(1.0, 1.0));
        array.fill(2, 3);
        assertThat(array.toList()).isEqualTo(List.of(3L, 3L));
        array.make(List.of(1, 2.5));
        assertThat(array.toList()).isEqualTo(List.of(1.0, 2.5));
        array.set(0, 4);
        assertThat(array.addToAllAndGet(1)).isEqualTo(List.of(5.0, 3.5));
        assertThat(array.delete()).isTrue();
        assertThat(array.length()).isZero();
        assertThatIllegalArgumentException().isThrownBy(() -> array.fill(0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> array.fill(10_000_001, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> array.make(List.of()));
    }

    @Test
    void slicesAsPythonDoes() {
        var random = new Random(3);
        for (int length : new int[] {1, 2, 7, 12}) {
            List<Number> numbers = new ArrayList<>();
            LongStream.range(0, length).forEach(numbers::add);
            array.make(numbers);
            for (int i = 0; i < 150; i++) {
                int from = bound(random, length);
                int to = bound(random, length);
                assertThat(array.slice(from, to))
                        .as("[%s:%s] of %s", from, to, length)
                        .isEqualTo(pythonSlice(numbers, from, to));
            }
        }
    }

    @Test
    void setsSlicesOfTheSameLengthAsPythonDoes() {
        var random = new Random(5);
        for (int i = 0; i < 200; i++) {
            int length = 1 + random.nextInt(12);
            var expected = new ArrayList<Number>(Collections.nCopies(length, 0L));
            array.fill(length, 0);
            int from = random.nextInt(3 * length + 1) - 3 * length / 2;
            List<Long> numbers =
                    random.longs(random.nextInt(length + 1)).boxed().toList();
            int start = from < 0 ? from + length : from;
            if (start < 0 || start + numbers.size() > length) {
                assertThatRefused(() -> array.set(from, numbers))
                        .hasMessage(numbers.size() + " elements from index " + from
                                + " out of range for array 'a' of length " + length);
            } else {
                array.set(from, numbers);
                Collections.copy(expected.subList(start, length), numbers);
            }
            assertThat(array.toList()).isEqualTo(expected);
        }
    }

    @Test
    void setsASliceAllOrNone() {
        var numbers = new ArrayList<Number>(Collections.nCopies(2500, 7));
        array.fill(3000, 1);
        numbers.set(2400, 0.5);
        assertThatRefused(() -> array.set(0, numbers)).hasMessageContaining("not 0.5");
        someone.lset("{" + namespace + "}:array:a", 2400, "two");
        numbers.set(2400, 7);
        assertThatRefused(() -> array.set(0, numbers)).hasMessageContaining("\"two\"");
        assertThat(array.slice(0, 2400)).containsOnly(1L);
        array.fill(3000, Typecode.D, 1);
        array.set(400, numbers);
        assertThat(array.slice(0, 401).indexOf(7.0)).isEqualTo(400);
        assertThat(array.slice(399, 2901).stream().filter(number -> number.equals(7.0)))
                .hasSize(2500);
    }

    private static int bound(Random random, int length) {
        return switch (random.nextInt(12)) {
            case 0 -> Integer.MIN_VALUE;
            case 1 -> Integer.MAX_VALUE;
            case 2 -> 0;
            default -> random.nextInt(4 * length + 1) - 2 * length;
        };
    }

    /** As the Python reference has it: add the length to a negative bound, clip both, nothing where they cross. */
    private static List<Number> pythonSlice(List<Number> numbers, int from, int to) {
        int length = numbers.size();
        int start = Math.min(from < 0 ? Math.max(from + length, 0) : from, length);
        int end = Math.min(to < 0 ? Math.max(to + length, 0) : to, length);
        return start < end ? numbers.subList(start, end) : List.of();
    }

    // What others do to Redis

    @Test
    void goesOnAfterRedisForgotItsScripts() {
        array.make(List.of(1, 2));
        array.addToAll(1);
        someone.scriptFlush();
        assertThat(array.addToAllAndGet(1)).isEqualTo(List.of(3L, 4L));
        someone.scriptFlush();
        assertThat(array.get(0)).isEqualTo(3L);
    }

    @Test
    void saysSoWhereSomeoneElsesJunkIsInTheWay() {
        String valueKey = "{" + namespace + "}:value:v";
        for (String junk : List.of("abc", "", "007", "1e", "0x10", " 5", "9223372036854775808", "nan")) {
            someone.set(valueKey, junk);
            assertThatRefused(() -> value.get()).hasMessageContaining("no number");
            assertThatRefused(() -> value.add(1)).hasMessageContaining("\"" + junk + "\"");
            assertThatRefused(() -> value.add(0.5)).hasMessageContaining("no number");
            assertThatRefused(() -> value.set(1)).hasMessageContaining("no number");
            assertThatRefused(() -> value.compareAndSet(0, 1)).hasMessageContaining("no number");
            assertThat(someone.get(valueKey)).isEqualTo(junk);
        }
        someone.del(valueKey);
        someone.rpush(valueKey, "1");
        assertThatRefused(() -> value.get()).hasMessageContaining("value 'v'").hasMessageContaining("WRONGTYPE");
        assertThatRefused(() -> value.add(1)).hasMessageContaining("WRONGTYPE");
        assertThatRefused(() -> value.set(1)).hasMessageContaining("WRONGTYPE");
        value.make(Typecode.I, 1);
        assertThat(value.get()).isEqualTo(1L);

        String arrayKey = "{" + namespace + "}:array:a";
        someone.set(arrayKey, "1");
        assertThatRefused(() -> array.get(0)).hasMessageContaining("array 'a'").hasMessageContaining("WRONGTYPE");
        assertThatRefused(() -> array.addToAll(1)).hasMessageContaining("WRONGTYPE");
        assertThatRefused(() -> array.length()).hasMessageContaining("WRONGTYPE");
        someone.del(arrayKey);
        someone.rpush(arrayKey, "1", "two", "3");
        assertThatRefused(() -> array.addToAll(1)).hasMessageContaining("\"two\"");
        assertThatRefused(() -> array.toList()).hasMessageContaining("\"two\"");
        assertThatRefused(() -> array.set(1, 2)).hasMessageContaining("\"two\"");
        assertThat(someone.lrange(arrayKey, 0, -1)).containsExactly("1", "two", "3");
        array.fill(1, 1);
        assertThat(array.toList()).isEqualTo(List.of(1L));
    }

    @Test
    void reconnectsAfterRedisClosedTheConnection() {
        value.set(1);
        for (int i = 0; i < 3; i++) {
            for (String client : someone.clientList().lines().toList()) {
                if (client.contains("name=workerfarm")) {
                    someone.clientKill(new ClientKillParams().id(id(client)));
                }
            }
            assertThatThrownBy(() -> value.get())
                    .isInstanceOf(RedisUnreachableException.class)
                    .hasMessageContaining("whether the operation took effect is not known");
            assertThat(value.get()).isEqualTo(1L);
        }
    }

    private static String id(String client) {
        return client.replaceFirst("^id=(\\d+) .*$", "$1");
    }

    @Test
    void letsOnlyTheRightPasswordIn() {
        String user = "SharedStateIT-ann";
        someone.aclSetUser(user, "on", ">right", "~*", "&*", "+@all");
        try {
            try (var welcome = RedisSharedState.open(as(user, "right"), namespace)) {
                welcome.ping();
                welcome.value("v").set(1);
            }
            try (var stranger = RedisSharedState.open(as(user, "wrong"), namespace)) {
                assertUnreachable(stranger::ping, "WRONGPASS", "FARM_REDIS_URL");
                assertUnreachable(() -> stranger.value("v").set(2), "WRONGPASS", "FARM_REDIS_URL");
            }
            someone.aclSetUser(user, "reset", "on", ">right", "~*", "+@all", "-set");
            try (var reader = RedisSharedState.open(as(user, "right"), namespace)) {
                assertUnreachable(() -> reader.value("v").make(Typecode.I, 2), "NOPERM");
            }
        } finally {
            someone.aclDelUser(user);
        }
        assertThat(value.get()).isEqualTo(1L);
    }

    @Test
    void saysWhereNoRedisIs() throws IOException {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (var nowhere = RedisSharedState.open(RedisAddress.parse("redis://127.0.0.1:" + port), namespace)) {
            assertThatThrownBy(nowhere::ping)
                    .isInstanceOf(RedisUnreachableException.class)
                    .hasMessage("Redis at 127.0.0.1:" + port
                            + " is not reachable (connection refused): start it or set FARM_REDIS_URL");
        }
        try (var nowhere = RedisSharedState.open(RedisAddress.parse("redis://no-such-host.invalid"), namespace)) {
            assertUnreachable(() -> nowhere.value("v").add(1), "no-such-host.invalid:6379", "unknown host");
        }
        var noDatabase = new RedisAddress(
                ADDRESS.host(),
                ADDRESS.port(),
                ADDRESS.tls(),
                ADDRESS.user(),
                ADDRESS.password(),
                999_999,
                TlsSettings.DEFAULT);
        try (var nowhere = RedisSharedState.open(noDatabase, namespace)) {
            assertUnreachable(nowhere::ping, "DB index is out of range");
        }
    }

    @Test
    void saysWhereRedisGivesNoAnswer() throws Exception {
        try (var mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var nowhere = RedisSharedState.open(
                        RedisAddress.parse("redis://127.0.0.1:" + mute.getLocalPort()), namespace)) {
            assertUnreachable(nowhere::ping, "no answer within 5 s");
        }
    }

    @Test
    void isOfNoUseOnceClosed() {
        value.set(1);
        state.close();
        assertThatThrownBy(() -> value.get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the shared state is closed");
        state.close();
    }

    private static RedisAddress as(String user, String password) {
        return new RedisAddress(
                ADDRESS.host(), ADDRESS.port(), ADDRESS.tls(), user, password, ADDRESS.database(), TlsSettings.DEFAULT);
    }

    private static void assertUnreachable(ThrowingCallable operation, String... texts) {
        assertThatThrownBy(operation)
                .isInstanceOf(RedisUnreachableException.class)
                .hasMessageStartingWith("Redis at ")
                .hasMessageContainingAll(texts)
                .hasMessageNotContainingAny("\n", "wrong");
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertThatRefused(ThrowingCallable operation) {
        return assertThatThrownBy(operation).isInstanceOf(SharedStateException.class);
    }

    private List<String> keys() {
        var found = new ArrayList<String>();
        String cursor = ScanParams.SCAN_POINTER_START;
        do {
            var page = someone.scan(
                    cursor, new ScanParams().match("{" + namespace + "}:*").count(1000));
            found.addAll(page.getResult());
            cursor = page.getCursor();
        } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
        return found;
    }

    private void deleteKeys() {
        keys().forEach(someone::del);
    }
}
