package dev.workerfarm.worker.process;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * Operating system signals. A JVM's shutdown hooks see neither which signal came nor a second one, so this uses
 * {@code sun.misc.Signal} (module jdk.unsupported), by reflection as javac warns of it and our warnings are errors.
 */
public final class Signals {
    private Signals() {}

    /** Runs {@code action} on each arrival of a signal such as {@code TERM}, instead of what the JVM does with it. */
    public static void on(String name, Runnable action) {
        try {
            var signalType = Class.forName("sun.misc.Signal");
            var handlerType = Class.forName("sun.misc.SignalHandler");
            var handler = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handlerType}, (proxy, method, args) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                        }
                        return null;
                    });
            signalType
                    .getMethod("handle", signalType, handlerType)
                    .invoke(null, signalType.getConstructor(String.class).newInstance(name), handler);
        } catch (InvocationTargetException e) {
            // -Xrs or a signal that this system lacks: the JVM's own way of ending stays.
            throw new IllegalStateException("cannot handle SIG" + name, e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java has no sun.misc.Signal (module jdk.unsupported)", e);
        }
    }
}
