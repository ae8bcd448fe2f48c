import { useState } from "react";
import { useForm } from "react-hook-form";
import { Toaster, toast } from "sonner";
import { z } from "zod";

const Account = z.object({
  name: z.string().min(2, "Write your name"),
  email: z.email("That is no e-mail address"),
});
type Account = z.infer<typeof Account>;

export default function App() {
  const { register, handleSubmit, setError, formState } = useForm<Account>({ defaultValues: { name: "", email: "" } });
  const [welcome, setWelcome] = useState("");

  const submit = handleSubmit((values) => {
    const result = Account.safeParse(values);
    if (result.success) {
      setWelcome(result.data.name);
      toast.success("Account made");
      return;
    }
    for (const issue of result.error.issues) setError(issue.path[0] as keyof Account, { message: issue.message });
  });

  return (
    <main>
      <h1>Sign up</h1>
      <form onSubmit={submit} noValidate>
        <label>
          Name <input {...register("name")} />
        </label>
        {formState.errors.name && <p role="alert">{formState.errors.name.message}</p>}
        <label>
          E-mail <input type="email" {...register("email")} />
        </label>
        {formState.errors.email && <p role="alert">{formState.errors.email.message}</p>}
        <button type="submit">Make account</button>
      </form>
      {welcome && <p>Welcome, {welcome}!</p>}
      <Toaster />
    </main>
  );
}
