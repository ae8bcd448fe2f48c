import { motion } from "framer-motion";
import { Banknote, TrendingUp, UsersIcon } from "lucide-react";
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { Card } from "@/components/Card";

const SALES = [
  { month: "Jan", total: 40 },
  { month: "Feb", total: 62 },
  { month: "Mar", total: 55 },
  { month: "Apr", total: 91 },
];

export default function App() {
  return (
    <main className="mx-auto max-w-3xl space-y-6 p-8">
      <motion.h1 initial={{ opacity: 0, y: -8 }} animate={{ opacity: 1, y: 0 }} className="text-3xl font-bold text-brand">
        Sales this year
      </motion.h1>
      <div className="grid grid-cols-3 gap-4">
        <Card icon={<Banknote aria-hidden />} label="Revenue" value="248 k" />
        <Card icon={<UsersIcon aria-hidden />} label="Customers" value="1,204" />
        <Card icon={<TrendingUp aria-hidden />} label="Growth" value="18 %" />
      </div>
      <div className="h-72 rounded-xl border border-slate-200 p-4">
        <ResponsiveContainer width="100%" height="100%">
          <BarChart data={SALES}>
            <CartesianGrid strokeDasharray="3 3" />
            <XAxis dataKey="month" />
            <YAxis />
            <Tooltip />
            <Bar dataKey="total" fill="#0f6b54" isAnimationActive={false} />
          </BarChart>
        </ResponsiveContainer>
      </div>
    </main>
  );
}
