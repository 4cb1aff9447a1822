/** What a user's task sees: its type, its code, its context. JDK types only, so that a task's jar needs nothing of ours at run time but this. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.task;
