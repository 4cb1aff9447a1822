/** The user's own tasks: a folder of jars, each behind a class loader that sees the task interface and nothing else of ours. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.jars;
