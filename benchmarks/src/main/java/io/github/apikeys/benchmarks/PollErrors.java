/*
 * Copyright 2026 the original author or authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *      https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */
package io.github.apikeys.benchmarks;

import java.util.List;
import java.util.Map;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.ClassType;
import com.sun.jdi.ObjectCollectedException;
import com.sun.jdi.ObjectReference;
import com.sun.jdi.ThreadReference;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.request.BreakpointRequest;
import com.sun.jdi.request.EventRequest;
import org.jspecify.annotations.Nullable;

/**
 * Lets the poll for changes end with an {@link Error}, as a debugger can.
 */
final class PollErrors implements AutoCloseable {

	private static final String CACHE = "io.github.apikeys.core.verification.VerificationCache";

	private final VirtualMachine machine;

	PollErrors(int port) throws Exception {
		AttachingConnector sockets = Bootstrap.virtualMachineManager()
			.attachingConnectors()
			.stream()
			.filter((connector) -> connector.name().equals("com.sun.jdi.SocketAttach"))
			.findFirst()
			.orElseThrow();
		Map<String, Connector.Argument> arguments = sockets.defaultArguments();
		set(arguments, "hostname", "127.0.0.1");
		set(arguments, "port", String.valueOf(port));
		this.machine = sockets.attach(arguments);
	}

	private static void set(Map<String, Connector.Argument> arguments, String name, String value) {
		Connector.Argument argument = arguments.get(name);
		if (argument == null) {
			throw new IllegalStateException("There is no argument " + name);
		}
		argument.setValue(value);
	}

	static String option(int port) {
		return "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:" + port;
	}

	/**
	 * Lets each poll fail that begins in a time.
	 * @return how many did
	 */
	int make(int millis) throws Exception {
		ClassType cache = (ClassType) this.machine.classesByName(CACHE).get(0);
		BreakpointRequest request = this.machine.eventRequestManager()
			.createBreakpointRequest(cache.methodsByName("poll").get(0).location());
		request.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
		request.enable();
		int errors = 0;
		long end = System.nanoTime() + millis * 1_000_000L;
		while (System.nanoTime() < end) {
			errors += stopThreads(this.machine.eventQueue().remove(50));
		}
		request.disable();
		EventSet late = this.machine.eventQueue().remove(50);
		while (late != null) {
			late.resume();
			late = this.machine.eventQueue().remove(50);
		}
		this.machine.eventRequestManager().deleteEventRequest(request);
		return errors;
	}

	private int stopThreads(@Nullable EventSet events) throws Exception {
		if (events == null) {
			return 0;
		}
		int errors = 0;
		for (Event event : events) {
			if (event instanceof BreakpointEvent breakpoint) {
				stop(breakpoint.thread());
				errors++;
			}
		}
		events.resume();
		return errors;
	}

	private void stop(ThreadReference thread) throws Exception {
		while (true) {
			try {
				thread.stop(newError(thread));
				return;
			}
			catch (ObjectCollectedException ex) {
				// nobody refers to it before it is thrown
			}
		}
	}

	private ObjectReference newError(ThreadReference thread) throws Exception {
		ClassType type = (ClassType) this.machine.classesByName("java.lang.Error").get(0);
		return type.newInstance(thread, type.concreteMethodByName("<init>", "()V"), List.of(),
				ObjectReference.INVOKE_SINGLE_THREADED);
	}

	@Override
	public void close() {
		this.machine.dispose();
	}

}
