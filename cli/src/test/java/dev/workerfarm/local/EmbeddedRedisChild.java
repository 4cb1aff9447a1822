package dev.workerfarm.local;

import redis.clients.jedis.Jedis;

/**
 * A JVM of its own that starts an embedded Redis, prints its process id and url and waits to be ended. When it is ended by
 * a signal that it can answer, it tells whether Redis is still there.
 */
final class EmbeddedRedisChild {
    private EmbeddedRedisChild() {}

    public static void main(String[] args) throws InterruptedException {
        @SuppressWarnings("resource") // the point is that nobody closes it
        var redis = EmbeddedRedis.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try (var client = new Jedis(redis.url())) {
                System.out.println("in the hook: " + client.ping());
            }
        }));
        System.out.println(redis.pid() + " " + redis.url());
        if (args.length > 0 && args[0].equals("exit")) {
            return;
        }
        Thread.sleep(60_000);
    }
}
